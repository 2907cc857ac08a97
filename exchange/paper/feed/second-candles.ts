import type { History } from './history.ts';
import { tradesBefore } from './trades.ts';
import type { SeenCandle } from './visible.ts';

const SECOND_MS = 1_000;
/** How far back Upbit shows seconds. */
const SHOWN_MONTHS = 3;

/** Up to `count` candles of a second, newest first, as seen at `now`, that start before `to` (both epoch ms). */
export function secondCandlesBefore(history: History, count: number, now: number, to: number): SeenCandle[] {
  const oldest = new Date(now).setUTCMonth(new Date(now).getUTCMonth() - SHOWN_MONTHS);
  // A second that starts before `to` is shown whole.
  const end = Math.ceil(to / SECOND_MS) * SECOND_MS;
  // Each trade makes a candle: they are 3 s apart.
  return tradesBefore(history.source, count, now, end)
    .map(({ at, price, volume, value }) => {
      const start = Math.floor(at / SECOND_MS) * SECOND_MS;
      return { start, open: price, high: price, low: price, close: price, volume, value, lastTradeAt: at };
    })
    .filter(({ start }) => start >= oldest);
}
