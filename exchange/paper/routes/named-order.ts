import type { Ledger } from '../../matching/ledger.ts';
import type { Order } from '../../matching/order.ts';
import { ExchangeError } from '../wire/exchange-error.ts';
import { invalidParameter } from './query.ts';

/** How a request names one order; of both names the uuid counts. */
interface OrderName {
  readonly uuid: string | null | undefined;
  readonly identifier: string | null | undefined;
}

/** @throws {ExchangeError} when there is no name, or no such order */
export function namedOrder(ledger: Ledger, { uuid, identifier }: OrderName): Order {
  if ((uuid ?? identifier ?? undefined) === undefined) throw invalidParameter('name the order by uuid or identifier');
  const order = ledger.orders.get(uuid ?? ledger.identifiers.get(identifier ?? '') ?? '');
  if (order === undefined) throw orderNotFound();
  return order;
}

/**
 * The same of an order to be cancelled. What Upbit says about a finished one is not documented; "not found" is what its
 * clients expect.
 */
export function waitingOrder(ledger: Ledger, name: OrderName): Order {
  const order = namedOrder(ledger, name);
  if (order.state !== 'wait') throw orderNotFound();
  return order;
}

function orderNotFound(): ExchangeError {
  return new ExchangeError(404, 'order_not_found', 'There is no such order.');
}
