import { unitsOf } from '../../matching/book/units.ts';
import type { Level, Liquidity } from '../../matching/liquidity.ts';
import { priceJson, volumeJson } from './json-number.ts';

/** One price of either side. */
type Unit = readonly (readonly [name: string, json: string])[];

/** What REST and stream tell of an order book, as JSON text. */
export interface OrderBookJson {
  /** Coins of all levels, not of those alone that are told. */
  readonly totalAskSize: string;
  readonly totalBidSize: string;
  readonly units: readonly Unit[];
}

/**
 * As many prices as both sides have: where an order of ours emptied one, a zero in its place would be the best offer of
 * all to a client that sorts, as ccxt does. Only beside a side without any price are there zeros.
 *
 * @param count the best so many prices.
 */
export function orderBookJson({ asks, bids }: Liquidity, count: number): OrderBookJson {
  const [fewer, more] = [Math.min(asks.length, bids.length), Math.max(asks.length, bids.length)];
  const length = Math.min(count, fewer === 0 ? more : fewer);
  return {
    totalAskSize: volumeJson(total(asks)),
    totalBidSize: volumeJson(total(bids)),
    units: Array.from({ length }, (_, index) => [
      ['ask_price', priceOf(asks[index])],
      ['bid_price', priceOf(bids[index])],
      ['ask_size', sizeOf(asks[index])],
      ['bid_size', sizeOf(bids[index])],
    ]),
  };
}

export function priceOf(level: Level | undefined): string {
  return priceJson(level === undefined ? 0n : unitsOf(level.price));
}

export function sizeOf(level: Level | undefined): string {
  return volumeJson(coinsOf(level));
}

function total(levels: readonly Level[]): bigint {
  return levels.reduce((sum, level) => sum + coinsOf(level), 0n);
}

function coinsOf(level: Level | undefined): bigint {
  return level?.volume === undefined ? 0n : unitsOf(level.volume);
}
