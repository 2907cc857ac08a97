import { expect, test } from 'vitest';
import { awaitClose } from '../../activities/await-close.ts';
import { createExchangeClock, type ExchangeClock } from '../../exchange/exchange-clock.ts';

const MINUTE = 60_000;
const CLOSE = Date.UTC(2025, 8, 1, 12);
/** A candle in two seconds: thirty market milliseconds a millisecond. */
const INTERVAL_MS = 2_000;

/** A clock that shows `beforeCloseMs` (wall) before the close now. */
function clockAt(beforeCloseMs: number): ExchangeClock {
  const clock = createExchangeClock(MINUTE / INTERVAL_MS);
  clock.ask()(CLOSE - beforeCloseMs * 30);
  return clock;
}

async function awaitFor(clock: ExchangeClock, leadMs = 1_000): Promise<number> {
  const began = performance.now();
  await awaitClose({ clock, intervalMs: INTERVAL_MS, leadMs }, MINUTE);
  return performance.now() - began;
}

test.each([60, 300])('a run %i ms before the close waits until the clock shows it, and not longer', async (early) => {
  const clock = clockAt(early);
  await awaitFor(clock);
  expect(clock.now()).toBeGreaterThanOrEqual(CLOSE);
  expect(((clock.now() ?? 0) - CLOSE) / 30).toBeLessThan(200);
});

test.each([
  ['that comes after the close', -5, 1_000],
  ['that comes long before the close', 1_400, 1_000],
  ['where none starts early', 300, 0],
])('a run %s does not wait', async (_, beforeCloseMs, leadMs) => {
  expect(await awaitFor(clockAt(beforeCloseMs), leadMs)).toBeLessThan(100);
});

test('a run that does not know the time yet does not wait', async () => {
  expect(await awaitFor(createExchangeClock(30))).toBeLessThan(100);
});
