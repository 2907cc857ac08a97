import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 10;

/** Waits until it is so. @throws naming what was waited for when it is not in time */
export async function eventually(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await sleep(LOOK_EVERY_MS);
  }
}
