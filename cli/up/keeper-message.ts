import { UserError } from '../../config/user-error.ts';

/** Sent instead of `ready` by a process that cannot do its work until the person at the keyboard mends something. */
export interface FailedMessage {
  readonly type: 'failed';
  readonly message: string;
}

export function isFailedMessage(message: unknown): message is FailedMessage {
  const failed = message as Partial<FailedMessage> | null;
  return typeof failed === 'object' && failed?.type === 'failed' && typeof failed.message === 'string';
}

/** Ends this process with code 1, its reason told to the supervisor when it is a fault to mend, else printed. */
export function failKeeper(error: unknown): void {
  const message = error instanceof UserError ? error.message : error instanceof Error ? error.stack : String(error);
  if (error instanceof UserError && process.send !== undefined && process.connected) {
    process.send({ type: 'failed', message: error.message } satisfies FailedMessage, () => process.exit(1));
    return;
  }
  console.error(message);
  process.exit(1);
}
