import type { Ledger } from '../../matching/ledger.ts';
import type { Order } from '../../matching/order.ts';
import { type OrderName, orderNamed } from '../known-orders.ts';
import type { OrderArchive } from '../state/order-archive.ts';
import { ExchangeError } from '../wire/exchange-error.ts';
import { invalidParameter } from './query.ts';

/** @throws {ExchangeError} when there is no name, or no such order */
export function namedOrder(ledger: Ledger, archive: OrderArchive, name: OrderName): Order {
  if ((name.uuid ?? name.identifier ?? undefined) === undefined) {
    throw invalidParameter('name the order by uuid or identifier');
  }
  const order = orderNamed(ledger, archive, name);
  if (order === undefined) throw orderNotFound();
  return order;
}

/**
 * The same of an order to be cancelled. What Upbit says about a finished one is not documented; "not found" is what its
 * clients expect.
 */
export function waitingOrder(ledger: Ledger, archive: OrderArchive, name: OrderName): Order {
  const order = namedOrder(ledger, archive, name);
  if (order.state !== 'wait') throw orderNotFound();
  return order;
}

function orderNotFound(): ExchangeError {
  return new ExchangeError(404, 'order_not_found', 'There is no such order.');
}
