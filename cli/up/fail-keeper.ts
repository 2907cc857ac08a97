import { UserError } from '../../config/user-error.ts';
import { announceFailure } from '../../process/supervised.ts';

/** Ends this process with code 1, its reason told to the supervisor when it is a fault to mend, else printed. */
export async function failKeeper(error: unknown): Promise<void> {
  if (error instanceof UserError && process.connected) await announceFailure(error.message);
  else console.error(error instanceof UserError ? error.message : error);
  process.exit(1);
}
