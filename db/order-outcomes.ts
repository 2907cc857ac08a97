import { sql, type Transaction } from 'kysely';
import { reservationOf, reserveWhatIsFree } from '../strategy/order-money.ts';
import { canMove } from '../strategy/order-states.ts';
import type { Db } from './connect.ts';
import { IllegalOrderMove, OrderContradiction } from './ledger-errors.ts';
import { lockOrder, moveOrder, settleOrder, writeOrderMoney } from './locked-order.ts';
import { findOrderInFlight, type Order } from './orders.ts';
import type { Database } from './schema.ts';
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
    // Why it was given up stays with it: it was somebody's word, or a day's.
    const why = order.status === 'expired' ? `found although given up (${order.status_reason})` : null;
    const change = { exchange_order_id: exchangeOrderId, settled_at: null, status_reason: why };
    return { kind: 'recorded', order: await moveOrder(trx, order, 'open', change) };
  });
}

/** A request for an order, as whoever made it knows it. */
export interface MadeRequest {
  readonly identifier: string;
  /** Whether another request for the same order went out before this one. */
  readonly repeated: boolean;
  /** `sending_at` as committed before this request: a later one in the table means that another went out since. */
  readonly sentAt: Date | null;
}

/** A request that was refused by name. */
export interface Refusal extends MadeRequest {
  /** The exchange's name for it, such as `insufficient_funds_bid`. */
  readonly reason: string;
}

/** Whether no other request for the order was ever about to leave. */
function isOnlyRequest({ repeated, sentAt }: MadeRequest, { sending_at: lastSentAt }: Order): boolean {
  return !repeated && sentAt?.getTime() === lastSentAt?.getTime();
}

/**
 * Records that the exchange refused a request. It settles the order only if no other request for it was ever sent;
 * else the refusal is noted, and look-ups decide: what is not found after the settle delay was refused indeed.
 *
 * @throws {IllegalOrderMove} when the order is not `sending`, so that somebody else knows otherwise
 * @throws {NotInLedger}
 */
export function recordRefusal(db: Db, refusal: Refusal): Promise<{ readonly rejected: boolean }> {
  const { identifier, reason } = refusal;
  return inTransaction(db, async (trx) => {
    const locked = await lockOrder(trx, identifier);
    const { status } = locked.order;
    if (status === 'rejected') return { rejected: true };
    if (status !== 'sending') throw new IllegalOrderMove(identifier, status, 'rejected');
    const alone = isOnlyRequest(refusal, locked.order);
    if (alone) await settleOrder(trx, locked, 'rejected', reason);
    else await trx.updateTable('orders').set({ status_reason: reason }).where('identifier', '=', identifier).execute();
    return { rejected: alone };
  });
}

/**
 * Records that nothing of a request has left. An order for which there was no other one is `intended` again, as if it had
 * never been about to be sent: it may go out until its deadline, and expires at it. Where another may have left, it stays
 * what it is.
 *
 * @throws {NotInLedger}
 */
export function recordNotSent(db: Db, request: MadeRequest): Promise<OrderMoved> {
  return inTransaction(db, async (trx) => {
    const { order } = await lockOrder(trx, request.identifier);
    if (order.status !== 'sending' || !isOnlyRequest(request, order)) return { moved: false, order };
    return { moved: true, order: await moveOrder(trx, order, 'intended', { sending_at: null }) };
  });
}

/** Where an order is now, and whether this call brought it there. */
export interface OrderMoved {
  readonly moved: boolean;
  readonly order: Order;
}

/**
 * Gives up looking for a `sending` order whose last request is `settleMs` of wall time ago: `rejected` when a request was
 * refused by name, else `unknown` for now, its money still reserved. An order that was found, settled or sent again
 * meanwhile stays what it is: the database's clock is asked, which wrote down when it was sent.
 *
 * @param lookedUpAt when the look-up that did not find it began, by `readDatabaseClock`; now when absent. The answer may be
 *   old by now, and what it says counts for when it was asked for.
 * @throws {NotInLedger}
 */
export function giveUpSending(db: Db, identifier: string, settleMs: number, lookedUpAt?: Date): Promise<OrderMoved> {
  return inTransaction(db, async (trx) => {
    const locked = await lockOrder(trx, identifier);
    const { order } = locked;
    if (order.status !== 'sending') return { moved: false, order };
    await countAgainIfAhead(trx, identifier);
    if (!(await isSettled(trx, identifier, settleMs, lookedUpAt))) return { moved: false, order };
    if (order.status_reason !== null) {
      return { moved: true, order: await settleOrder(trx, locked, 'rejected', order.status_reason) };
    }
    const change = { status_reason: 'the exchange does not know it after the settle delay' };
    return { moved: true, order: await moveOrder(trx, order, 'unknown', change) };
  });
}

/** Now by the clock that writes down when an order is sent, cut to milliseconds. */
export async function readDatabaseClock(db: Db): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`SELECT clock_timestamp() AS now`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('PostgreSQL did not tell its time');
  return row.now;
}

/** A time of sending that lies ahead was written by a clock that has been set back since: the delay counts from now. */
async function countAgainIfAhead(trx: Transaction<Database>, identifier: string): Promise<void> {
  await trx
    .updateTable('orders')
    .set({ sending_at: sql<Date>`clock_timestamp()` })
    .where('identifier', '=', identifier)
    .where('sending_at', '>', sql<Date>`clock_timestamp()`)
    .execute();
}

async function isSettled(
  trx: Transaction<Database>,
  identifier: string,
  settleMs: number,
  lookedUpAt: Date | undefined,
): Promise<boolean> {
  const at = lookedUpAt === undefined ? sql`clock_timestamp()` : sql`${lookedUpAt}::timestamptz`;
  const sent = await trx
    .selectFrom('orders')
    .select('id')
    .where('identifier', '=', identifier)
    .where('sending_at', '<=', sql<Date>`${at} - ${settleMs} * interval '1 millisecond'`)
    .executeTakeFirst();
  return sent !== undefined;
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
