import { UserError } from '../../config/user-error.ts';

/** Runs a container's one task: its exit code is what the containers that wait for it go by. */
export async function oneShot(task: () => Promise<string>): Promise<never> {
  try {
    console.log(await task());
    process.exit(0);
  } catch (error) {
    console.error(error instanceof UserError ? error.message : error);
    process.exit(1);
  }
}
