import type { History } from './history.ts';
import { DAY_MS } from './minute-candle.ts';

/**
 * The price that a day's change is measured from: the last one before the day. On the first day of a feed there is none
 * and it is the day's own first price, as Upbit starts a new market from a price of reference.
 *
 * @param day its start, epoch ms; the feed has a trade in it that can be seen at `now`.
 */
export function previousClose(history: History, day: number, now: number): bigint {
  for (const { close } of history.minutes(now, day)) return close;
  for (const { open } of history.days(now, day + DAY_MS)) return open;
  throw new Error(`no trade before the end of ${new Date(day).toISOString()}`);
}
