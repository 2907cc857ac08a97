/**
 * Whether the request never had a connection to leave on: the name was not resolved, or nobody took the call. Only what
 * the system says about making a connection counts. A reset or a time-out may come after the request has been written.
 */
export function neverConnected(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // One error for each address that was tried.
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(neverConnected);
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined ? neverConnected(error.cause) : syscall === 'connect' || syscall === 'getaddrinfo';
}
