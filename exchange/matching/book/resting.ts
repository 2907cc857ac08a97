import type { Order, Side } from '../order.ts';

/** An order of ours in the queue of its price; `place` counts as the level's `passed` does. */
export interface Resting {
  readonly order: Order;
  /** The level's `passed` at which nothing of others is ahead of it any more. */
  place: bigint;
}

/** Our orders at one price (1e-8 KRW), oldest first. */
export interface RestingLevel {
  readonly price: bigint;
  /** By sequence. Places never fall from one order to the next: nobody overtakes. */
  readonly orders: Resting[];
  /** Coins of others (1e-8) traded ahead of our orders since there are some here: one number moves all of them up. */
  passed: bigint;
}

/** Our resting orders of one side, best price first. */
export type RestingSide = RestingLevel[];

/** Coins of others, in 1e-8, that trade before the order does. */
export function aheadOf(level: RestingLevel, resting: Resting): bigint {
  return resting.place > level.passed ? resting.place - level.passed : 0n;
}

/** Whether `price` is the better offer of that side: the dearer bid, the cheaper ask. */
export function isBetter(side: Side, price: bigint, than: bigint): boolean {
  return side === 'bid' ? price > than : price < than;
}

/** The level at a price; undefined where none of our orders rests. */
export function levelAt(levels: RestingSide, side: Side, price: bigint): RestingLevel | undefined {
  const level = levels[placeOfPrice(levels, side, price)];
  return level?.price === price ? level : undefined;
}

/** An order in the queue of its price; undefined when it is not there. */
export function restingIn(level: RestingLevel, order: Order): Resting | undefined {
  const resting = level.orders[placeOfOrder(level, order)];
  return resting?.order === order ? resting : undefined;
}

/** Puts an order last at its price, with nothing of others ahead of it. */
export function addResting(levels: RestingSide, side: Side, price: bigint, order: Order): void {
  let level = levelAt(levels, side, price);
  if (level === undefined) {
    level = { price, orders: [], passed: 0n };
    levels.splice(placeOfPrice(levels, side, price), 0, level);
  }
  level.orders.push({ order, place: level.passed });
}

export function removeResting(levels: RestingSide, side: Side, price: bigint, order: Order): void {
  const level = levelAt(levels, side, price);
  if (level === undefined || restingIn(level, order) === undefined) return;
  level.orders.splice(placeOfOrder(level, order), 1);
  if (level.orders.length === 0) levels.splice(placeOfPrice(levels, side, price), 1);
}

/** A side as it would be without one of its orders: the others keep their places. The side itself stays as it is. */
export function sideWithout(levels: RestingSide, price: bigint, order: Order): RestingSide {
  return levels.flatMap((level) => {
    if (level.price !== price) return [level];
    const orders = level.orders.filter((resting) => resting.order !== order);
    return orders.length === 0 ? [] : [{ ...level, orders }];
  });
}

function placeOfPrice(levels: RestingSide, side: Side, price: bigint): number {
  return firstPlace(levels, (level) => !isBetter(side, level.price, price));
}

function placeOfOrder({ orders }: RestingLevel, { sequence }: Order): number {
  return firstPlace(orders, (resting) => resting.order.sequence >= sequence);
}

/** The first place from which on all are so, by halving: one among 10,000 takes 14 looks. */
function firstPlace<T>(sorted: readonly T[], isSo: (one: T) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(sorted[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
