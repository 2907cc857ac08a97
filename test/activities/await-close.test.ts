import { expect, test } from 'vitest';
import { awaitClose, closeAhead } from '../../activities/await-close.ts';
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

const ahead = (clock: ExchangeClock, leadMs = 1_000) => closeAhead({ clock, intervalMs: INTERVAL_MS, leadMs }, MINUTE);

test.each([0, 2, 20, 60, 300])(
  'what waits %i ms before the close goes on when the clock shows it, not later',
  async (early) => {
    const lateness = async () => {
      const clock = clockAt(early);
      await awaitClose({ clock, intervalMs: INTERVAL_MS, leadMs: 1_000 }, CLOSE, MINUTE);
      const now = clock.now() ?? 0;
      expect(now).toBeGreaterThanOrEqual(CLOSE);
      return (now - CLOSE) / 30;
    };
    // A busy machine wakes a timer late, now and then.
    await expect.poll(lateness).toBeLessThan(200);
  },
);

test('what waits goes on waiting when the clock was set back meanwhile', async () => {
  const shown = [CLOSE - 300, CLOSE - 900, CLOSE - 30, CLOSE];
  let looks = 0;
  const clock = { ask: () => () => undefined, now: () => shown[looks++], isDoubtful: () => false };
  await awaitClose({ clock, intervalMs: INTERVAL_MS, leadMs: 1_000 }, CLOSE, MINUTE);
  expect(looks).toBe(shown.length);
});

test.each([10, 900, 1_200])('a run %i ms before a close is about that close', (early) => {
  expect(ahead(clockAt(early))).toBe(CLOSE);
});

test.each([
  ['that comes after the close', -20, 1_000],
  ['that comes long before the close', 1_400, 1_000],
  ['where none starts early', 300, 0],
])('a run %s has no close ahead', (_, beforeCloseMs, leadMs) => {
  expect(ahead(clockAt(beforeCloseMs), leadMs)).toBeUndefined();
});

test('a run that does not know the time yet has none either', () => {
  expect(ahead(createExchangeClock(30))).toBeUndefined();
});
