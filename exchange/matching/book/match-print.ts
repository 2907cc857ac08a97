import { smaller } from '../../numbers/scaled.ts';
import type { Side } from '../order.ts';
import type { Print } from './background.ts';
import { type Book, marketBook, remainingInBook } from './book.ts';
import type { BookEvent } from './events.ts';
import { fillResting } from './fill-resting.ts';
import { passedEvent } from './passed.ts';
import { aheadOf, isBetter, type RestingLevel } from './resting.ts';
import { decimalOf, unitsOf } from './units.ts';

/**
 * What a trade of the feed does to our resting orders, those only that were there before it: where it passes a limit,
 * all of the order trades, because the market went through everything at that price; where it touches one, its volume
 * goes to what others have ahead, then to our order, then on to the next. Best price first, then the older order.
 */
export function matchPrint(book: Book, print: Print): BookEvent[] {
  const own = book.markets.get(print.market);
  if (own === undefined) return [];
  return [...matchSide(book, print, 'bid'), ...matchSide(book, print, 'ask')];
}

function matchSide(book: Book, print: Print, side: Side): BookEvent[] {
  const events: BookEvent[] = [];
  for (const level of marketBook(book, print.market)[side]) {
    if (isBetter(side, print.price, level.price)) break;
    events.push(...(level.price === print.price ? touch(book, print, side, level) : passThrough(book, print, level)));
  }
  return events;
}

function passThrough(book: Book, { at }: Print, level: RestingLevel): BookEvent[] {
  return level.orders.flatMap(({ order }) => {
    const rest = remainingInBook(book, order);
    return rest === undefined || order.createdAt >= at ? [] : fillResting(book, order, rest, at);
  });
}

/** The queue at the print's own price: others up to each order's place, then the order. */
function touch(book: Book, { market, at, volume }: Print, side: Side, level: RestingLevel): BookEvent[] {
  const fills: BookEvent[] = [];
  let left = volume;
  let others = 0n;
  for (const resting of level.orders) {
    const { order } = resting;
    const rest = remainingInBook(book, order);
    if (rest === undefined || order.createdAt >= at) continue;
    const ahead = aheadOf(level, resting) - others;
    if (ahead > 0n) {
      const traded = smaller(ahead, left);
      others += traded;
      left -= traded;
    }
    if (left === 0n) break;
    const filled = smaller(unitsOf(rest), left);
    fills.push(...fillResting(book, order, decimalOf(filled), at));
    left -= filled;
  }
  return [...passedEvent(market, side, level, others), ...fills];
}
