import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 200;
/** Longer than any part takes to come back. */
const PATIENCE_MS = 30_000;

/** Does it again until it succeeds: the part that is asked may have been killed a moment ago. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const giveUpAt = Date.now() + PATIENCE_MS; ; await sleep(PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
    }
  }
}
