import { smaller } from '../../numbers/scaled.ts';
import type { LedgerEvent } from '../events.ts';
import type { Ledger } from '../ledger.ts';
import { remainingVolume, type Side } from '../order.ts';
import type { Print } from './background.ts';
import { marketBook } from './book.ts';
import { fillResting } from './fill-resting.ts';
import { passedEvent } from './passed.ts';
import { aheadOf, isBetter, type RestingLevel } from './resting.ts';
import { decimalOf, unitsOf } from './units.ts';

/**
 * What a trade of the feed does to our resting orders, those only that were there before it: where it passes a limit,
 * all of the order trades, because the market went through everything at that price; where it touches one, its volume
 * goes to what others have ahead, then to our order, then on to the next. Best price first, then the older order.
 */
export function matchPrint(ledger: Ledger, print: Print): LedgerEvent[] {
  const own = ledger.books.get(print.market);
  if (own === undefined) return [];
  return [...matchSide(ledger, print, 'bid'), ...matchSide(ledger, print, 'ask')];
}

function matchSide(ledger: Ledger, print: Print, side: Side): LedgerEvent[] {
  const events: LedgerEvent[] = [];
  for (const level of marketBook(ledger.books, print.market)[side]) {
    if (isBetter(side, print.price, level.price)) break;
    events.push(...(level.price === print.price ? touch(print, side, level) : passThrough(print, level)));
  }
  return events;
}

function passThrough({ at }: Print, level: RestingLevel): LedgerEvent[] {
  return level.orders.flatMap(({ order }) => {
    const rest = remainingVolume(order);
    return rest === undefined || order.createdAt >= at ? [] : fillResting(order, rest, at);
  });
}

/** The queue at the print's own price: others up to each order's place, then the order. */
function touch({ market, at, volume }: Print, side: Side, level: RestingLevel): LedgerEvent[] {
  const fills: LedgerEvent[] = [];
  let left = volume;
  let others = 0n;
  for (const resting of level.orders) {
    const { order } = resting;
    const rest = remainingVolume(order);
    if (rest === undefined || order.createdAt >= at) continue;
    const ahead = aheadOf(level, resting) - others;
    if (ahead > 0n) {
      const traded = smaller(ahead, left);
      others += traded;
      left -= traded;
    }
    if (left === 0n) break;
    const filled = smaller(unitsOf(rest), left);
    fills.push(...fillResting(order, decimalOf(filled), at));
    left -= filled;
  }
  return [...passedEvent(market, side, level, others), ...fills];
}
