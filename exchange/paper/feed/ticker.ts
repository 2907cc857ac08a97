import { previousClose } from './day-change.ts';
import type { History } from './history.ts';
import { DAY_MS, HOUR_MS } from './minute-candle.ts';
import { type FeedTrade, tradesBefore } from './trades.ts';
import type { SeenCandle } from './visible.ts';

/** A market at a glance, prices and sums in the integer units of numbers/scaled.ts. */
export interface Ticker {
  readonly last: FeedTrade;
  /** The UTC day of the last trade, so far. */
  readonly day: SeenCandle;
  readonly previousClose: bigint;
  /** Sums of the trades of the last 24 hours. */
  readonly past24h: { readonly volume: bigint; readonly value: bigint };
  /** Of the 52 weeks before today and today; `day` (epoch ms) is the first that saw the price. */
  readonly highest: { readonly price: bigint; readonly day: number };
  readonly lowest: { readonly price: bigint; readonly day: number };
}

const WEEKS_52_MS = 364 * DAY_MS;

/** The ticker at `now` (epoch ms of market time); undefined before the first trade ever. */
export function tickerAt(history: History, now: number): Ticker | undefined {
  const [last] = tradesBefore(history.source, 1, now);
  if (last === undefined) return undefined;
  const oldest = Math.floor(now / DAY_MS) * DAY_MS - WEEKS_52_MS;
  let day: SeenCandle | undefined;
  let [highest, lowest] = [
    { price: 0n, day: 0 },
    { price: 0n, day: 0 },
  ];
  for (const candle of history.days(now, Number.POSITIVE_INFINITY)) {
    const { start, high, low } = candle;
    if (day !== undefined && start < oldest) break;
    if (day === undefined || high >= highest.price) highest = { price: high, day: start };
    if (day === undefined || low <= lowest.price) lowest = { price: low, day: start };
    day ??= candle;
  }
  if (day === undefined) throw new Error('a market with trades has no day with trades');
  return {
    last,
    day,
    previousClose: previousClose(history, day.start, now),
    past24h: sumSince(history, now - DAY_MS, now),
    highest,
    lowest,
  };
}

/** What was traded after `since`: the hours from there on, without what the first of them had by then. */
function sumSince(history: History, since: number, now: number): { volume: bigint; value: bigint } {
  const firstHour = Math.floor(since / HOUR_MS) * HOUR_MS;
  let [volume, value] = [0n, 0n];
  for (const hour of history.hours(now, Number.POSITIVE_INFINITY)) {
    if (hour.start < firstHour) break;
    volume += hour.volume;
    value += hour.value;
  }
  for (const hour of history.hours(since, since + 1)) {
    if (hour.start < firstHour) break;
    volume -= hour.volume;
    value -= hour.value;
    break;
  }
  return { volume, value };
}
