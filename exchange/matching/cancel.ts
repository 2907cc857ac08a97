import type { LedgerEvent } from './events.ts';
import type { Order } from './order.ts';

/** Ends a waiting order; an order that is over already gives no event. `at` is epoch ms of market time. */
export function cancelOrder(order: Order, at: number): LedgerEvent[] {
  return order.state === 'wait' ? [{ type: 'ended', order: order.uuid, state: 'cancel', at }] : [];
}
