import fc from 'fast-check';
import { gridPrice } from '../../../exchange/numbers/grid-price.ts';
import { larger, smaller, tradedValue } from '../../../exchange/numbers/scaled.ts';
import { DAY_MS, MINUTE_MS, type MinuteCandle } from '../../../exchange/paper/feed/minute-candle.ts';
import { ReplaySeries } from '../../../exchange/paper/feed/replay-series.ts';

/** Shortly before a week, a month and a year begin within a few days of each other: 2025-12-27. */
const FEED_START = Date.UTC(2025, 11, 27);

const price = fc.integer({ min: 1_000, max: 9_999 }).map((won) => gridPrice(BigInt(won) * 10n ** 8n));
const minute = fc.record({
  prices: fc.tuple(price, price, price, price),
  volume: fc.bigInt({ min: 1n, max: 10n ** 12n }),
  // Mostly the next minute, sometimes an idle stretch, now and then days without a trade.
  gap: fc.oneof(
    { weight: 20, arbitrary: fc.constant(1) },
    { weight: 6, arbitrary: fc.integer({ min: 2, max: 200 }) },
    { weight: 2, arbitrary: fc.integer({ min: 1_000, max: 9_000 }) },
  ),
});

/** A history of up to 250 minutes with idle stretches, of minutes up to weeks, in it. */
export const randomFeed = fc.array(minute, { minLength: 1, maxLength: 250, size: 'max' }).map((minutes) => {
  const series = new ReplaySeries();
  let start = FEED_START;
  for (const { prices, volume, gap } of minutes) {
    const [open, close] = prices;
    const [high, low] = [prices.reduce(larger), prices.reduce(smaller)];
    series.push({ start, open, high, low, close, volume, value: tradedValue(close, volume) });
    start += gap * MINUTE_MS;
  }
  return series;
});

/** Every minute of a feed, oldest first. */
export function minutesOfFeed(series: ReplaySeries): MinuteCandle[] {
  return Array.from({ length: series.length }, (_, index) => series.get(index)).filter(
    (candle) => candle !== undefined,
  );
}

/** An instant in or shortly after a feed, as a share of its length. */
export function instantOf(series: ReplaySeries, share: number): number {
  return Math.floor(FEED_START + share * (series.end + DAY_MS - FEED_START));
}
