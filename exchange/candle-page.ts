import type { Candle } from '../strategy/candle.ts';
import type { CandlePage } from './port.ts';

/** Candles that have closed by the exchange's own clock: never by ours, never by their place in the list. */
export function closedCandles(page: CandlePage, lengthMs: number): readonly Candle[] {
  return page.candles.filter((candle) => candle.ts + lengthMs <= page.exchangeClock);
}

/** The open of the first candle that has not closed by `exchangeClock`. Every slot before it is over. */
export function formingOpen(exchangeClock: number, lengthMs: number): number {
  return Math.floor(exchangeClock / lengthMs) * lengthMs;
}

/**
 * Up to which slot the newest page settles what happened, exclusive. A minute without trades has no candle, and a
 * candle may appear late: an empty slot counts as settled only when a newer candle is visible or the exchange's
 * clock is a twelfth of a candle past the slot's close.
 */
export function settledUntil(page: CandlePage, lengthMs: number): number {
  const over = formingOpen(page.exchangeClock, lengthMs);
  const newestVisible = page.candles[0];
  const byVisibility =
    newestVisible === undefined
      ? Number.NEGATIVE_INFINITY
      : // A closed candle settles its own slot too; a forming one only those before it.
        Math.min(newestVisible.ts + lengthMs, over);
  const byClock = formingOpen(page.exchangeClock - lengthMs / 12, lengthMs);
  return Math.max(byVisibility, byClock);
}

/**
 * The first slot an older page speaks for. A full page reaches down to its oldest candle and no further; a short one
 * shows that the exchange has nothing older, so it speaks for everything down to `wanted`.
 */
export function settledFrom(candles: readonly Candle[], asked: number, wanted: number): number {
  const oldest = candles.at(-1);
  if (oldest === undefined) return wanted;
  return candles.length < asked ? Math.min(wanted, oldest.ts) : oldest.ts;
}
