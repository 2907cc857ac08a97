import { timeframeMs } from '../config/timeframe.ts';

export const MARKET_DAY_MS = 86_400_000;

/** Candles of one minute that close after the first start before weights are searched for the first time. */
const CANDLES_BEFORE_THE_FIRST = 200;

/**
 * When weights are searched next in an accelerated run: 200 candles after the first start, and every day of market time
 * after that. Market time stands still while the run is stopped, so that this is worked out anew at each start.
 *
 * @param firstStart market time, UTC epoch milliseconds; undefined where trading starts now
 * @param marketNow market time at the wall time `wallNow`
 * @returns wall time, UTC epoch milliseconds
 */
export function nextOptimization(
  firstStart: number | undefined,
  { marketNow, wallNow, speed }: { readonly marketNow: number; readonly wallNow: number; readonly speed: number },
): number {
  const first = (firstStart ?? marketNow) + CANDLES_BEFORE_THE_FIRST * timeframeMs('1m');
  const daysBehind = Math.max(0, Math.floor((marketNow - first) / MARKET_DAY_MS) + 1);
  const due = first + daysBehind * MARKET_DAY_MS;
  return wallNow + (due - marketNow) / speed;
}
