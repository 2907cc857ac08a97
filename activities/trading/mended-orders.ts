import { findPerhapsBooked, markForeignOrderBooked, type PerhapsBooked } from '../../db/foreign-orders.ts';
import { noteClear, noteUnclear, takeTurns } from '../../db/order-look-ups.ts';
import type { ExchangeOrder } from '../../exchange/port.ts';
import { Exact } from '../../strategy/exact-decimal.ts';
import { GONE_AFTER_MS } from './account-orders.ts';
import type { TradingDependencies } from './dependencies.ts';
import { hasEnded } from './order-fills.ts';
import { figuresOf, fillsAddUp } from './record-foreign.ts';

/** Most of them in one look, in turns. */
const MOST_ASKED_FOR = 10;

/**
 * Notes of orders that the ledger refused, and has booked since, that it tells of them now: what was recorded of them
 * beside it is taken back by the comparison that follows. One is believed to be booked when the exchange shows just what
 * the ledger holds, or knows no order any more under the other id it had shown.
 *
 * @returns whether all is clear; else the next look knows more
 */
export async function noteMendedOrders(
  { db, exchange }: Pick<TradingDependencies, 'db' | 'exchange'>,
  account: string,
): Promise<boolean> {
  const perhaps = new Map((await findPerhapsBooked(db, account)).map((one) => [one.exchangeOrderId, one]));
  let clear = true;
  for (const exchangeOrderId of await takeTurns(db, account, [...perhaps.keys()], MOST_ASKED_FOR)) {
    const booked = perhaps.get(exchangeOrderId) as PerhapsBooked;
    const shown = await exchange.fetchOrder({ exchangeOrderId });
    if (shown !== undefined) {
      await noteClear(db, account, exchangeOrderId);
      if (isBooked(booked, shown)) await markForeignOrderBooked(db, figuresOf(account, shown));
    } else if (booked.bookedAs !== exchangeOrderId) {
      if ((await noteUnclear(db, account, exchangeOrderId)) < GONE_AFTER_MS) {
        clear = false;
        continue;
      }
      await noteClear(db, account, exchangeOrderId);
      const nothing = { executedQuantity: '0', executedFunds: '0', paidFee: '0' };
      await markForeignOrderBooked(db, { account, exchangeOrderId, state: 'not-found', ...nothing });
    }
  }
  return clear;
}

/** Another order under the same identifier is never the booked one, whatever it executed. */
function isBooked({ exchangeOrderId, bookedAs, executedQuantity }: PerhapsBooked, shown: ExchangeOrder): boolean {
  if (exchangeOrderId !== bookedAs || !hasEnded(shown) || !fillsAddUp(shown)) return false;
  return new Exact(shown.executedVolume).eq(executedQuantity);
}
