import type { CandleSource, MinuteCandle } from './minute-candle.ts';
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
 * Up to `count` trades until `now` that come before `to` (both epoch ms of market time), newest first. A minute with
 * less than 0.0000002 coins has trades of nothing.
 */
export function tradesBefore(source: CandleSource, count: number, now: number, to = now + 1): FeedTrade[] {
  const trades: FeedTrade[] = [];
  for (const candle of source.before(Math.min(to, now + 1))) {
    trades.push(...minuteTrades(candle, Math.min(to - 1, now)).reverse());
    if (trades.length >= count) break;
  }
  return trades.slice(0, count);
}

/** The trades of a minute until an instant (epoch ms), oldest first: the steps of its path, which add up to its candle. */
export function minuteTrades(candle: MinuteCandle, until: number): FeedTrade[] {
  return minutePath(candle, until).map(({ at, price, volume, value }, index, path) => {
    const earlier = path[index - 1];
    return {
      at,
      price,
      volume: volume - (earlier?.volume ?? 0n),
      value: value - (earlier?.value ?? 0n),
      taker: takerOf(price, earlier?.price ?? price, index),
    };
  });
}

/** Where the price stands still, and at the first trade of a minute, buyers and sellers take turns. */
function takerOf(price: bigint, earlier: bigint, index: number): FeedTrade['taker'] {
  if (price === earlier) return index % 2 === 0 ? 'bid' : 'ask';
  return price > earlier ? 'bid' : 'ask';
}
