import type { Ledger } from '../matching/ledger.ts';
import type { Order } from '../matching/order.ts';
import type { CreationWindow, OrderArchive } from './state/order-archive.ts';

/*
 * The orders of an account wherever they are: in the ledger, or in the archive when they are over and old. A ledger of
 * an earlier moment is not told of orders that came after it.
 */

/** How a request names one order; of both names the uuid counts. */
export interface OrderName {
  readonly uuid: string | null | undefined;
  readonly identifier: string | null | undefined;
}

export function orderNamed(ledger: Ledger, archive: OrderArchive, { uuid, identifier }: OrderName): Order | undefined {
  if (typeof uuid === 'string') return orderByUuid(ledger, archive, uuid);
  return typeof identifier === 'string' ? orderByIdentifier(ledger, archive, identifier) : undefined;
}

export function orderByUuid(ledger: Ledger, archive: OrderArchive, uuid: string): Order | undefined {
  return ledger.orders.get(uuid) ?? knownTo(ledger, archive.order(uuid));
}

export function orderByIdentifier(ledger: Ledger, archive: OrderArchive, identifier: string): Order | undefined {
  const uuid = ledger.identifiers.get(identifier);
  if (uuid !== undefined) return orderByUuid(ledger, archive, uuid);
  const archived = archive.orderNamed(identifier);
  // A ledger of an earlier moment holds it as it was then.
  return archived && (ledger.orders.get(archived.uuid) ?? knownTo(ledger, archived));
}

/** The first so many that were created in a window, by sequence. */
export function ordersCreated(ledger: Ledger, archive: OrderArchive, wanted: CreationWindow, most: number): Order[] {
  const { from, to, market, states, newestFirst } = wanted;
  const held = [...ledger.orders.values()].filter(
    ({ createdAt, state, request }) =>
      createdAt >= from &&
      createdAt <= to &&
      states.includes(state) &&
      (market === undefined || request.market === market),
  );
  return [...held, ...archivedOnly(ledger, archive.created(wanted), most)]
    .sort((a, b) => (newestFirst ? b.sequence - a.sequence : a.sequence - b.sequence))
    .slice(0, most);
}

/** The first so many after a sequence, by sequence. */
export function ordersSince(ledger: Ledger, archive: OrderArchive, since: number, most: number): Order[] {
  const held = [...ledger.orders.values()].filter(({ sequence }) => sequence > since);
  return [...held, ...archivedOnly(ledger, archive.since(since), most)]
    .sort((a, b) => a.sequence - b.sequence)
    .slice(0, most);
}

/** The first so many that the ledger does not hold itself: an order on its way to the archive is in both. */
function archivedOnly(ledger: Ledger, orders: Iterable<Order>, most: number): Order[] {
  const found: Order[] = [];
  for (const order of orders) {
    if (found.length === most) break;
    if (!ledger.orders.has(order.uuid) && knownTo(ledger, order) !== undefined) found.push(order);
  }
  return found;
}

function knownTo(ledger: Ledger, order: Order | undefined): Order | undefined {
  return order !== undefined && order.sequence <= ledger.lastSequence ? order : undefined;
}
