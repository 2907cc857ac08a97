import type { Db } from '../../db/connect.ts';
import { giveUpSending, type OrderMoved, recordRefusal } from '../../db/order-outcomes.ts';
import { type Order, requireOrder } from '../../db/orders.ts';

/** A `sending` order becomes `unknown`, as if its settle delay had passed. */
export function markUnknown(db: Db, identifier: string): Promise<OrderMoved> {
  return giveUpSending(db, identifier, 0);
}

/** The one request ever sent for the order is refused under the name `reason`. */
export async function recordRejected(db: Db, identifier: string, reason: string): Promise<Order> {
  const { sending_at: sentAt } = await requireOrder(db, identifier);
  await recordRefusal(db, { identifier, reason, repeated: false, sentAt });
  return requireOrder(db, identifier);
}
