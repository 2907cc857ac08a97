/**
 * A fault the person at the keyboard can mend: wrong option, busy port, unreadable file.
 * Shown as its message alone, without a stack trace, and ends the command with `exitCode`
 * (1: it could not be done, 2: it was asked for wrongly).
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
