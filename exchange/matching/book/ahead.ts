import { larger } from '../../numbers/scaled.ts';
import type { Ledger } from '../ledger.ts';
import type { Side } from '../order.ts';
import { backgroundLevels, type Print, volumeBeyond } from './background.ts';
import { marketBook } from './book.ts';
import type { BookParameters } from './parameters.ts';
import { leftOf } from './queue.ts';
import { aheadOf, isBetter, levelAt } from './resting.ts';

/** Where an order comes to rest; price in 1e-8 KRW. */
interface Berth {
  readonly side: Side;
  readonly price: bigint;
}

/**
 * Coins of others (1e-8) that an order coming to rest waits behind: what is offered at its price now; nothing at a
 * price between two levels or better than the best, where it is the first; past the last level what others keep there.
 * Never less than an older order of ours still has ahead of it, so that nobody overtakes.
 */
export function aheadOnArrival(ledger: Ledger, print: Print, berth: Berth, parameters: BookParameters): bigint {
  const { side, price } = berth;
  const level = levelAt(marketBook(ledger.books, print.market)[side], side, price);
  const last = level?.orders.at(-1);
  const older = level === undefined || last === undefined ? 0n : aheadOf(level, last);
  return larger(standingAt(ledger, print, berth, parameters), older);
}

function standingAt(ledger: Ledger, print: Print, { side, price }: Berth, parameters: BookParameters): bigint {
  for (const level of backgroundLevels(print, side, parameters)) {
    if (level.price === price) return leftOf(ledger, print, side, level);
    if (!isBetter(side, level.price, price)) return 0n;
  }
  return volumeBeyond(print, side, price, parameters);
}
