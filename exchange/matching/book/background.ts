import type { Market } from '../../../config/market.ts';
import { gridPrice } from '../../numbers/grid-price.ts';
import { hashAt, hashText } from '../../numbers/noise.ts';
import { larger, PRICE_DECIMALS, VOLUME_DECIMALS } from '../../numbers/scaled.ts';
import type { Side } from '../order.ts';
import { BOOK_LEVELS, type BookParameters } from './parameters.ts';

/** One trade of the feed; price and volume in 1e-8. The book stands as it left it until the next one. */
export interface Print {
  readonly market: Market;
  /** Epoch ms of market time; no two prints of a market share it but those that have ids. */
  readonly at: number;
  readonly price: bigint;
  readonly volume: bigint;
  /** Who took what was offered: `bid` when a buyer did. */
  readonly taker: Side;
  /** Tells trades of one instant apart, in a feed that is no function of time. */
  readonly id?: string;
  /** The book of everybody else where an exchange tells it; left out, it is computed. */
  readonly book?: ToldBook;
}

/** The order book of a market as an exchange told it, best prices first. */
export interface ToldBook {
  /** Epoch ms of market time; the book stands so until one of another instant is told. */
  readonly at: number;
  readonly bid: readonly BookLevel[];
  readonly ask: readonly BookLevel[];
}

/** What others offer or bid for at one price, in 1e-8. */
export interface BookLevel {
  readonly price: bigint;
  readonly volume: bigint;
}

const SIDES = { bid: 0, ask: 1 } as const;
/** Chances taken at a level, a stream of the noise each. */
const CHANCE = { distance: 0, size: 1, sizeAgain: 2 } as const;
const STREAMS_PER_LEVEL = 3;
const STREAMS_PER_SIDE = STREAMS_PER_LEVEL * (BOOK_LEVELS + 1);
/** Past every level's stream. */
const STREAM_OF_THE_SPREAD = 2 * STREAMS_PER_SIDE;
const STREAM_OF_LATE_TIMES = STREAM_OF_THE_SPREAD + 1;

/** A chance is a number of thousandths from 0 to 2000, 1000 in the mean. */
const MEAN = 1_000n;
const PPM = 1_000_000n;
const UNITS_OF_A_COIN_PER_KRW = 10n ** BigInt(PRICE_DECIMALS + VOLUME_DECIMALS);

/** Since when (epoch ms) the background of a print stands, which tells it from any other of its market. */
export function backgroundSince({ at, book }: Print): number {
  return book?.at ?? at;
}

/**
 * One side of the book of everybody else, best price first, as it stands after a print: the one that was told, else a
 * pure function of seed, market, the print's instant, price and taker, and the parameters; so nothing of it is stored.
 * Lazy, because most orders need one level.
 *
 * Computed, the print happened at the best price that its taker took: bought at the best ask, sold into the best bid, rounded
 * outward where the feed's price is off the present tick grid. The other side is a spread away, so that best bid ≤
 * price ≤ best ask and both are at least one tick apart. A side ends where prices would reach zero.
 */
export function* backgroundLevels(print: Print, side: Side, parameters: BookParameters): Iterable<BookLevel> {
  if (print.book !== undefined) {
    yield* print.book[side].slice(0, BOOK_LEVELS);
    return;
  }
  const chance = chancesOf(print, parameters.seed);
  let price = bestPrice(print, side, parameters, chance);
  for (let level = 0; level < BOOK_LEVELS && price > 0n; level += 1) {
    const stream = SIDES[side] * STREAMS_PER_SIDE + level * STREAMS_PER_LEVEL;
    yield { price, volume: volumeAt(price, level, stream, parameters, chance) };
    const distance = share(price, parameters.spacingPpm, chance(stream + CHANCE.distance));
    price = movedAway(price, side, distance);
  }
}

/**
 * What others have at a price farther away than the levels: as much as the level behind the last one would have; of a
 * book that was told, as much as its last level. Only there to be waited behind.
 */
export function volumeBeyond(print: Print, side: Side, price: bigint, parameters: BookParameters): bigint {
  if (print.book !== undefined) return print.book[side].at(-1)?.volume ?? 0n;
  const generator = generatorOf(print.market, parameters.seed);
  const position = Number(BigInt.asUintN(32, price ^ (price >> 32n)));
  const chance = (stream: number): bigint => BigInt(hashAt(generator, stream, position) % 2_001);
  const stream = SIDES[side] * STREAMS_PER_SIDE + BOOK_LEVELS * STREAMS_PER_LEVEL;
  return volumeAt(price, BOOK_LEVELS, stream, parameters, chance);
}

type Chance = (stream: number) => bigint;

function chancesOf({ market, at }: Print, seed: number): Chance {
  // The noise takes positions of 32 bits, which milliseconds outgrow in 50 days.
  const generator = hashAt(generatorOf(market, seed), STREAM_OF_LATE_TIMES, Math.floor(at / 2 ** 32));
  return (stream) => BigInt(hashAt(generator, stream, at % 2 ** 32) % 2_001);
}

function generatorOf(market: Market, seed: number): number {
  return hashText(`${seed}/book/${market}`);
}

function bestPrice(print: Print, side: Side, { spreadPpm }: BookParameters, chance: Chance): bigint {
  if (side !== print.taker) return gridPrice(print.price, side === 'bid' ? 'down' : 'up');
  return movedAway(print.price, side, share(print.price, spreadPpm, chance(STREAM_OF_THE_SPREAD)));
}

/** The price on the grid that is at least `distance` and at least a tick farther from the market; zero for none. */
function movedAway(price: bigint, side: Side, distance: bigint): bigint {
  const atLeast = larger(distance, 1n);
  if (side === 'ask') return gridPrice(price + atLeast, 'up');
  return atLeast >= price ? 0n : gridPrice(price - atLeast, 'down');
}

/** price × ppm × chance: `ppm` of the price in the mean. */
function share(price: bigint, ppm: number, chance: bigint): bigint {
  return (price * BigInt(ppm) * chance) / (PPM * MEAN);
}

/** depth × (1 + growth × level) × two chances, in coins: many small levels and now and then one of four times the mean. */
function volumeAt(
  price: bigint,
  level: number,
  stream: number,
  { depthKrw, growthPercent }: BookParameters,
  chance: Chance,
): bigint {
  const mean = BigInt(depthKrw) * BigInt(100 + growthPercent * level) * UNITS_OF_A_COIN_PER_KRW;
  const chances = chance(stream + CHANCE.size) * chance(stream + CHANCE.sizeAgain);
  return larger((mean * chances) / (100n * MEAN * MEAN * price), 1n);
}
