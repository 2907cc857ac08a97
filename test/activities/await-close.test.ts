import { expect, test } from 'vitest';
import { awaitClose, closeAhead } from '../../activities/await-close.ts';
import { NO_MINUTE_NEWS, openMinuteNews } from '../../activities/news/minute-news.ts';
import { parseMarket } from '../../config/market.ts';
import { createExchangeClock, type ExchangeClock } from '../../exchange/exchange-clock.ts';
import type { MarketNews } from '../../exchange/live-port.ts';
import { toldLines } from '../support/told-lines.ts';

const MINUTE = 60_000;
const CLOSE = Date.UTC(2025, 8, 1, 12);
/** A candle in two seconds: thirty market milliseconds a millisecond. */
const INTERVAL_MS = 2_000;
const BTC = parseMarket('KRW-BTC');
const untold = NO_MINUTE_NEWS.listen(BTC);
const at = { close: CLOSE, length: MINUTE };

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
      await awaitClose({ clock, intervalMs: INTERVAL_MS, leadMs: 1_000 }, at, untold);
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
  await awaitClose({ clock, intervalMs: INTERVAL_MS, leadMs: 1_000 }, at, untold);
  expect(looks).toBe(shown.length);
});

/** Waits for the close by a clock that shows it so much later, and is told meanwhile. @returns the clock at the end */
async function awaitWhileTold(beforeCloseMs: number, told: readonly MarketNews[]): Promise<number> {
  const { markets, tellMarkets } = toldLines();
  const minutes = openMinuteNews(markets, [BTC], () => undefined).listen(BTC);
  const clock = clockAt(beforeCloseMs);
  const waiting = awaitClose({ clock, intervalMs: INTERVAL_MS, leadMs: 1_000 }, at, minutes);
  for (const news of told) tellMarkets(news);
  await waiting;
  return clock.now() ?? 0;
}

test('what waits goes on as soon as a trade after the close is told', async () => {
  const A_DAY_MS = 86_400_000;
  const now = await awaitWhileTold(A_DAY_MS, [{ kind: 'minute-closed', market: BTC, until: CLOSE }]);
  expect(now).toBeLessThan(CLOSE);
});

test('what waits is not misled by a gap, the minute before, or a trade of a time that cannot be', async () => {
  const now = await awaitWhileTold(100, [
    { kind: 'gap', reason: 'connected', markets: [BTC] },
    { kind: 'minute-closed', market: BTC, until: CLOSE - MINUTE },
    { kind: 'minute-closed', market: BTC, until: CLOSE + 1_000 * MINUTE },
  ]);
  expect(now).toBeGreaterThanOrEqual(CLOSE);
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
