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
 * sent. The exchange is asked for it first, twice, and its word counts for more. Should it turn up after all, it is found
 * as any other that was given up: cancelled, its fills booked.
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
  if (order.status !== 'unknown') return { kind: order.exchange_order_id ? 'at-exchange' : 'not-unknown', order };
  if (first !== undefined || (await exchange.fetchOrder({ identifier })) !== undefined) {
    return { kind: 'at-exchange', order };
  }
  // From `unknown` nothing leads to another state that expires: whoever found it meanwhile wins.
  const { moved, order: now } = await markExpired(db, identifier, why);
  return { kind: moved ? 'settled' : 'at-exchange', order: now };
}
