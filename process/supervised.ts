/**
 * How a process of ours behaves under `durabit up`: it says when it is ready and ends when its parent is gone.
 * The parent holds an IPC channel; when the parent dies, whatever way, the kernel closes it and the child notices.
 * Started by hand there is no channel, and only signals end it.
 */
export type ChildMessage =
  | { readonly type: 'ready' }
  /** Cannot do its work until the person at the keyboard mends something. */
  | { readonly type: 'failed'; readonly message: string };

/** Tells the supervisor, if there is one, that this process now does its work. */
export function announceReady(): void {
  // Sending on a channel that has closed would end the process in the middle of its orderly shutdown.
  if (process.connected) process.send?.({ type: 'ready' } satisfies ChildMessage);
}

/** Tells the supervisor, if there is one, what must be mended before this process can do its work. */
export async function announceFailure(message: string): Promise<void> {
  if (!process.connected) return;
  await new Promise((resolve) => process.send?.({ type: 'failed', message } satisfies ChildMessage, resolve));
}

/**
 * Calls `shutdown` once, on SIGINT, SIGTERM or when the supervisor disappears, and exits when it has settled:
 * code 0 after a clean shutdown, 1 after a failed one or when it takes longer than `graceMs`.
 */
export function endWithParent(shutdown: () => Promise<void>, graceMs = 10_000): void {
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(1), graceMs).unref();
    shutdown().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  process.on('disconnect', end);
  // Its pipes close with the parent; a line that cannot be written must not cut the orderly shutdown short.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  // The parent may have died before we listened: then there will be no event (seen while a worker was importing).
  if (process.connected === false) end();
}
