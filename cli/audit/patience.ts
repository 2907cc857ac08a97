import { setTimeout as sleep } from 'node:timers/promises';
import { ExchangeUnavailable, RateLimited } from '../../exchange/errors.ts';

const PATIENCE_MS = 15_000;
const PAUSE_MS = 200;

/** Asks again while the exchange restarts or has no call left for us: reads may be repeated, and an audit has time. */
export async function askPatiently<T>(ask: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const passing = error instanceof ExchangeUnavailable || error instanceof RateLimited;
      if (!passing || performance.now() > giveUpAt) throw error;
      await sleep(error instanceof RateLimited ? Math.max(PAUSE_MS, error.retryAfterMs) : PAUSE_MS);
    }
  }
}
