import { balanceOf, lock } from './balances.ts';
import { booksWithout } from './book/book.ts';
import { type Ledger, lockedCurrency } from './ledger.ts';
import { lockedByOrder, type Order } from './order.ts';

/**
 * The account as it would be if a waiting order were cancelled: its funds are free and its place in the book is gone. On
 * this is decided what becomes of an order that takes its place, before either happens. To be read, never changed: what
 * the cancellation does not touch is shared, and in `orders` the order still waits.
 */
export function withoutOrder(ledger: Ledger, order: Order): Ledger {
  const { market } = order.request;
  const currency = lockedCurrency(order);
  const balance = { ...balanceOf(ledger.balances, currency) };
  lock(balance, lockedByOrder(order).negated());
  const open = new Map(ledger.open.get(market));
  open.delete(order.uuid);
  return {
    ...ledger,
    balances: new Map(ledger.balances).set(currency, balance),
    open: new Map(ledger.open).set(market, open),
    books: booksWithout(ledger.books, order),
  };
}
