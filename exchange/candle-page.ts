import { type Candle, candleOpen } from '../strategy/candle.ts';
import { UnexpectedResponse } from './errors.ts';
import type { CandlePage } from './port.ts';

/** Candles that have closed by the exchange's own clock: never by ours, never by their place in the list. */
export function closedCandles(page: CandlePage, lengthMs: number): readonly Candle[] {
  return page.candles.filter((candle) => candle.ts + lengthMs <= page.exchangeClock);
}

/**
 * When a slot that shows no candle counts as empty, whatever else is visible: a twelfth of a candle after its close.
 *
 * @param close market time
 */
export function emptySlotSettlesAt(close: number, lengthMs: number): number {
  return close + lengthMs / 12;
}

/**
 * Up to which slot the newest page settles what happened, exclusive. A minute without trades has no candle, and a
 * candle may appear late: an empty slot counts as settled only when a newer candle is visible or the exchange's
 * clock has come to `emptySlotSettlesAt`.
 */
export function settledUntil(page: CandlePage, lengthMs: number): number {
  const over = candleOpen(page.exchangeClock, lengthMs);
  const newestVisible = page.candles[0];
  const byVisibility =
    newestVisible === undefined
      ? Number.NEGATIVE_INFINITY
      : // A closed candle settles its own slot too; a forming one only those before it.
        Math.min(newestVisible.ts + lengthMs, over);
  const byClock = emptySlotSettlesAt(over, lengthMs) <= page.exchangeClock ? over : over - lengthMs;
  return Math.max(byVisibility, byClock);
}

/**
 * The first slot a page speaks for. A full page reaches down to its oldest candle and no further; a short one says that
 * the exchange has nothing older, which can only be believed when it shows what we already hold: an empty or short
 * answer in a bad moment must not make minutes nobody fetched look empty for ever.
 *
 * @param asked how many candles were asked for
 * @param known a slot at or below which we hold a candle of this market; undefined before the first
 * @throws {UnexpectedResponse} when a short page lacks the candle we hold
 */
export function settledFrom(candles: readonly Candle[], asked: number, known: number | undefined): number | undefined {
  const oldest = candles.at(-1)?.ts;
  if (candles.length >= asked || known === undefined) return oldest;
  if (oldest === undefined || oldest > known) {
    throw new UnexpectedResponse(
      `the exchange shows ${candles.length} of ${asked} candles and none as old as ${new Date(known).toISOString()}, ` +
        'which it has shown before',
    );
  }
  return oldest;
}
