/**
 * Does a slow piece of work for many at once: one turn at a time, and whoever asks while one runs shares the next. With
 * 64 clients some 22 orders share a turn of the disk. After a turn that failed nobody gets another.
 *
 * @returns asks for a turn that begins from now on; resolves when it has ended.
 */
export function inTurns(work: () => Promise<void>): () => Promise<void> {
  let running = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= running.then(() => {
      next = undefined;
      running = work();
      return running;
    });
    return next;
  };
}
