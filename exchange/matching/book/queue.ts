import { larger, smaller } from '../../numbers/scaled.ts';
import type { Decimal } from '../exact.ts';
import type { Ledger } from '../ledger.ts';
import { remainingVolume, type Side } from '../order.ts';
import { type BookLevel, backgroundLevels, backgroundSince, type Print } from './background.ts';
import { marketBook } from './book.ts';
import type { BookParameters } from './parameters.ts';
import { aheadOf, isBetter, type Resting, type RestingLevel } from './resting.ts';
import { decimalOf } from './units.ts';

/** Coins at a price that trade in one piece: of others, or an order of ours. Volume is never zero. */
export interface Slot {
  readonly price: Decimal;
  readonly volume: Decimal;
  readonly own: Resting | undefined;
}

/**
 * One side of the book in the order in which it trades: best price first; at a price the oldest first, which puts each
 * order of ours behind what others had there when it came to rest. Lazy.
 *
 * Left out of the background is what our orders took since the print, and what would cross an order of ours: a seller
 * at the price of our bid would have traded with it.
 */
export function* tradingQueue(ledger: Ledger, print: Print, side: Side, parameters: BookParameters): Iterable<Slot> {
  const ownLevels = marketBook(ledger.books, print.market)[side];
  let next = 0;
  for (const level of offered(ledger, print, side, parameters)) {
    for (
      let own = ownLevels[next];
      own !== undefined && isBetter(side, own.price, level.price);
      own = ownLevels[next]
    ) {
      yield* slotsAt(own.price, 0n, own);
      next += 1;
    }
    const own = ownLevels[next]?.price === level.price ? ownLevels[next] : undefined;
    if (own !== undefined) next += 1;
    yield* slotsAt(level.price, level.volume, own);
  }
  for (const own of ownLevels.slice(next)) yield* slotsAt(own.price, 0n, own);
}

/** The slots of the best `count` prices alone. */
export function* bestPrices(slots: Iterable<Slot>, count: number): Iterable<Slot> {
  let seen = 0;
  let current: Decimal | undefined;
  for (const slot of slots) {
    if (current === undefined || !slot.price.eq(current)) {
      if (seen === count) return;
      seen += 1;
      current = slot.price;
    }
    yield slot;
  }
}

/** What is left of the background for us to trade with. */
function* offered(ledger: Ledger, print: Print, side: Side, parameters: BookParameters): Iterable<BookLevel> {
  const [opposite] = marketBook(ledger.books, print.market)[side === 'bid' ? 'ask' : 'bid'];
  for (const level of backgroundLevels(print, side, parameters)) {
    if (opposite !== undefined && !isBetter(side, opposite.price, level.price)) continue;
    const volume = leftOf(ledger, print, side, level);
    if (volume > 0n) yield { price: level.price, volume };
  }
}

/** Coins (1e-8) of a background level that our orders have not taken since the print. */
export function leftOf(ledger: Ledger, print: Print, side: Side, { price, volume }: BookLevel): bigint {
  const { taken } = marketBook(ledger.books, print.market);
  return taken.print === backgroundSince(print) ? volume - (taken[side].get(price) ?? 0n) : volume;
}

function* slotsAt(units: bigint, background: bigint, own: RestingLevel | undefined): Iterable<Slot> {
  const price = decimalOf(units);
  let shown = 0n;
  for (const resting of own?.orders ?? []) {
    const ahead = own === undefined ? 0n : aheadOf(own, resting);
    const until = smaller(ahead, background);
    if (until > shown) yield { price, volume: decimalOf(until - shown), own: undefined };
    shown = larger(shown, until);
    const volume = remainingVolume(resting.order);
    if (volume !== undefined) yield { price, volume, own: resting };
  }
  if (background > shown) yield { price, volume: decimalOf(background - shown), own: undefined };
}
