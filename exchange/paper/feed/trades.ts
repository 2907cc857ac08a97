import type { CandleSource } from './minute-candle.ts';
import { minutePath } from './minute-path.ts';

/** One trade of the feed, in the integer units of numbers/scaled.ts. */
export interface FeedTrade {
  /** Epoch ms of market time; no two trades of a market share it. */
  readonly at: number;
  readonly price: bigint;
  readonly volume: bigint;
  readonly value: bigint;
  /** Who took what was offered: a buyer (`bid`) where the price rose, a seller where it fell. */
  readonly taker: 'bid' | 'ask';
}

/**
 * Up to `count` trades until `now` that come before `to` (both epoch ms of market time), newest first: the steps of
 * each minute's path, so that they add up to its candle. A minute with less than 0.0000002 coins has trades of nothing.
 */
export function tradesBefore(source: CandleSource, count: number, now: number, to = now + 1): FeedTrade[] {
  const trades: FeedTrade[] = [];
  for (const candle of source.before(Math.min(to, now + 1))) {
    const path = minutePath(candle, Math.min(to - 1, now));
    for (let index = path.length - 1; index >= 0; index -= 1) {
      const step = path[index];
      if (step === undefined) continue;
      if (trades.length === count) return trades;
      const earlier = path[index - 1];
      trades.push({
        at: step.at,
        price: step.price,
        volume: step.volume - (earlier?.volume ?? 0n),
        value: step.value - (earlier?.value ?? 0n),
        taker: takerOf(step.price, earlier?.price ?? step.price, index),
      });
    }
    if (trades.length === count) break;
  }
  return trades;
}

/** Where the price stands still, and at the first trade of a minute, buyers and sellers take turns. */
function takerOf(price: bigint, earlier: bigint, index: number): FeedTrade['taker'] {
  if (price === earlier) return index % 2 === 0 ? 'bid' : 'ask';
  return price > earlier ? 'bid' : 'ask';
}
