import { markExpired } from '../../db/order-outcomes.ts';
import { type Order, requireOrder } from '../../db/orders.ts';
import type { ResolveDependencies } from './resolve-order.ts';
import { resolveSurely } from './second-look.ts';

/** What came of an owner's word that an order was never sent. */
export type SettledAsNotSent =
  /** It is `expired` now, its money is free. */
  | { readonly kind: 'settled'; readonly order: Order }
  /** The exchange has it: what it shows is booked, unless another order of its market is on its way just now. */
  | { readonly kind: 'at-exchange'; readonly order: Order }
  /** The exchange has it, and the ledger refuses to book what it shows. */
  | { readonly kind: 'contradicted'; readonly order: Order; readonly why: string }
  /** There is nothing to decide, or not yet: it is not `unknown`. */
  | { readonly kind: 'not-unknown'; readonly order: Order };

/**
 * Gives an order up that is `unknown`, sooner than a day after its deadline, because its owner says that it was never
 * sent. The exchange is asked for it first, and its word counts for more; and once more right before, for what arrived or
 * was shown meanwhile. Neither look tells of a request that is still on its way, nor of an order that the exchange shows
 * late: should it turn up, it is found as any other that was given up, cancelled, its fills booked.
 *
 * @param why who says so, when, and for what reason; kept with the order
 */
export async function settleAsNotSent(
  deps: ResolveDependencies,
  identifier: string,
  why: string,
): Promise<SettledAsNotSent> {
  const { db, exchange } = deps;
  // The first answer tells the exchange's time too, which resolving needs.
  const first = await exchange.fetchOrder({ identifier });
  const resolved = await resolveSurely(deps, await requireOrder(db, identifier));
  const order = await requireOrder(db, identifier);
  if ('contradiction' in resolved) return { kind: 'contradicted', order, why: resolved.contradiction };
  const isThere = first !== undefined || order.exchange_order_id !== null;
  if (order.status !== 'unknown') return { kind: isThere ? 'at-exchange' : 'not-unknown', order };
  if (isThere || (await exchange.fetchOrder({ identifier })) !== undefined) {
    return { kind: 'at-exchange', order };
  }
  // Somebody may have found it meanwhile, or given it up: the day being over, or by another owner's word.
  const { moved, order: now } = await markExpired(db, identifier, why);
  if (moved) return { kind: 'settled', order: now };
  return { kind: now.exchange_order_id === null ? 'not-unknown' : 'at-exchange', order: now };
}
