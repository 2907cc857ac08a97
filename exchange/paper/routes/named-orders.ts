import type { Ledger } from '../../matching/ledger.ts';
import type { Order } from '../../matching/order.ts';
import { orderByIdentifier, orderByUuid } from '../known-orders.ts';
import type { OrderArchive } from '../state/order-archive.ts';
import { invalidParameter } from './query.ts';

/** A name that a request gives an order by, and the order, if there is one. */
interface NamedOrder {
  readonly name: { readonly uuid: string } | { readonly identifier: string };
  readonly order: Order | undefined;
}

/** The orders of `uuids[]` or `identifiers[]`, each once, in the order named. @throws {ExchangeError} */
export function namedOrders(
  query: URLSearchParams,
  { ledger, archive }: { readonly ledger: Ledger; readonly archive: OrderArchive },
  most: number,
): readonly NamedOrder[] {
  const uuids = query.getAll('uuids[]');
  const identifiers = query.getAll('identifiers[]');
  if (uuids.length > 0 === identifiers.length > 0) throw invalidParameter('give either uuids[] or identifiers[]');
  if (uuids.length + identifiers.length > most) throw invalidParameter(`at most ${most} orders at once`);
  if (uuids.length > 0) {
    return [...new Set(uuids)].map((uuid) => ({ name: { uuid }, order: orderByUuid(ledger, archive, uuid) }));
  }
  return [...new Set(identifiers)].map((identifier) => ({
    name: { identifier },
    order: orderByIdentifier(ledger, archive, identifier),
  }));
}
