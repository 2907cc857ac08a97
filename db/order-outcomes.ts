import { reservationOf, reserveWhatIsFree } from '../strategy/order-money.ts';
import { canMove } from '../strategy/order-states.ts';
import type { Db } from './connect.ts';
import { IllegalOrderMove, OrderContradiction } from './ledger-errors.ts';
import { lockOrder, moveOrder, settleOrder, writeOrderMoney } from './locked-order.ts';
import { findOrderInFlight, type Order } from './orders.ts';
import { inTransaction } from './transaction.ts';

export type RecordAccepted =
  /** It is `open`, or already past it. */
  | { readonly kind: 'recorded'; readonly order: Order }
  /**
   * Found late while another order of its market is in flight, and a market has one at a time. Nothing was changed:
   * cancel it at the exchange now, record it when that other order is finished.
   */
  | { readonly kind: 'market-busy'; readonly by: string; readonly order: Order };

/**
 * Records that the exchange has the order: accepted just now, or found by a look-up. Recording it again changes nothing.
 *
 * An `unknown` order kept its reservation. An `expired` one gave it back: as much of it as is free now is reserved
 * again, and what its fills take beyond that is covered by a recorded adjustment (see `recordFills`), because what
 * happened at the exchange must be recorded whether or not the market can still afford it.
 *
 * @throws {OrderContradiction} when the ledger knows it under another exchange order id
 * @throws {IllegalOrderMove} when it was never sent or was rejected
 * @throws {NotInLedger}
 */
export function recordAccepted(db: Db, identifier: string, exchangeOrderId: string): Promise<RecordAccepted> {
  return inTransaction(db, async (trx) => {
    const { order, money } = await lockOrder(trx, identifier);
    if (order.exchange_order_id !== null && order.exchange_order_id !== exchangeOrderId) {
      throw new OrderContradiction(
        `order ${identifier} is ${order.exchange_order_id} at the exchange and cannot be ${exchangeOrderId} too`,
      );
    }
    if (['open', 'filled', 'canceled'].includes(order.status)) return { kind: 'recorded', order };
    if (!canMove(order.status, 'open')) throw new IllegalOrderMove(identifier, order.status, 'open');
    const inFlight = await findOrderInFlight(trx, order.account, order.market);
    if (inFlight !== undefined && inFlight.identifier !== identifier) {
      return { kind: 'market-busy', by: inFlight.identifier, order };
    }

    if (order.status === 'expired') {
      const wanted = reservationOf({ ...order, feeRate: order.fee_rate });
      await writeOrderMoney(trx, order, reserveWhatIsFree(money, wanted));
    }
    const change = { exchange_order_id: exchangeOrderId, settled_at: null, status_reason: null };
    return { kind: 'recorded', order: await moveOrder(trx, order, 'open', change) };
  });
}

/**
 * Records that the exchange refused the order for a business reason, and gives its reservation back. Again: no change.
 *
 * @param reason the exchange's name for it, such as `insufficient_funds_bid`
 * @throws {IllegalOrderMove} when it is not `sending`, so that somebody else knows otherwise
 * @throws {NotInLedger}
 */
export function recordRejected(db: Db, identifier: string, reason: string): Promise<Order> {
  return inTransaction(db, async (trx) => {
    const locked = await lockOrder(trx, identifier);
    if (locked.order.status === 'rejected') return locked.order;
    return settleOrder(trx, locked, 'rejected', reason);
  });
}

/** Where an order is now, and whether this call brought it there. */
export interface OrderMoved {
  readonly moved: boolean;
  readonly order: Order;
}

/**
 * Gives up looking for a `sending` order for now; its money stays reserved. An order that is anything else by now was
 * found, or settled, by somebody else and stays what it is.
 *
 * @throws {NotInLedger}
 */
export function markUnknown(db: Db, identifier: string, reason: string): Promise<OrderMoved> {
  return inTransaction(db, async (trx) => {
    const { order } = await lockOrder(trx, identifier);
    if (!canMove(order.status, 'unknown')) return { moved: false, order };
    return { moved: true, order: await moveOrder(trx, order, 'unknown', { status_reason: reason }) };
  });
}

/**
 * Gives up an order that was never sent, or was not found for a day, and gives its reservation back. When that is due
 * is the caller's to know. An order that is anything else by now stays what it is.
 *
 * @throws {NotInLedger}
 */
export function markExpired(db: Db, identifier: string, reason: string): Promise<OrderMoved> {
  return inTransaction(db, async (trx) => {
    const locked = await lockOrder(trx, identifier);
    if (!canMove(locked.order.status, 'expired')) return { moved: false, order: locked.order };
    return { moved: true, order: await settleOrder(trx, locked, 'expired', reason) };
  });
}
