import type { Selectable, Transaction } from 'kysely';
import type { DecimalText } from '../strategy/candle.ts';
import { Exact } from '../strategy/exact-decimal.ts';
import type { Db } from './connect.ts';
import { settleFeeDifference } from './fee-difference.ts';
import { bookFills, findNewFills, type ReportedFill, sumOfFills } from './fill-booking.ts';
import { IllegalOrderMove, OrderContradiction } from './ledger-errors.ts';
import type { ListQuery } from './list-query.ts';
import { lockOrder, settleOrder } from './locked-order.ts';
import type { Order } from './orders.ts';
import type { Database, TradesTable } from './schema.ts';
import { inTransaction } from './transaction.ts';

export type Trade = Selectable<TradesTable>;
export type { ReportedFill };

/** One look at an order. Looks may come twice, late, or with some fills missing. */
export interface FillReport {
  readonly fills: readonly ReportedFill[];
  /** Coins executed in all. */
  readonly executedQuantity: DecimalText;
  /** KRW of fees in all. */
  readonly paidFee: DecimalText;
  /** How it ended; null while it can still fill. */
  readonly final: 'filled' | 'canceled' | null;
}

export interface FillsRecorded {
  readonly order: Order;
  /** Fills this call booked. */
  readonly booked: number;
  /**
   * Whether every executed coin has its fill. A report that says the order ended while fills are missing leaves it
   * `open`: look again.
   */
  readonly complete: boolean;
}

/**
 * Books the fills that are new, each once, by the exchange's trade id: cash, coins, cost, profit and the order's
 * reservation move with it in one transaction. When the order has ended and every executed coin has its fill, the sum
 * of the fees is held against what the exchange took (a difference becomes a recorded adjustment), the rest of the
 * reservation is given back and the order moves to `filled` or `canceled`.
 *
 * Reports in any order and number do no harm: known fills are skipped, executed quantity and paid fee never go back. A
 * fill that turns up after the end is booked all the same, because it happened.
 *
 * @throws {IllegalOrderMove} when the exchange's acceptance has not been recorded (`recordAccepted`)
 * @throws {OrderContradiction} when a fill belongs to another order, more was filled than ordered or executed, or an
 *   order is called `filled` that is not
 * @throws {NotInLedger}
 */
export function recordFills(db: Db, identifier: string, report: FillReport): Promise<FillsRecorded> {
  return inTransaction(db, async (trx) => {
    const locked = await lockOrder(trx, identifier);
    requireAccepted(locked.order);
    const fresh = await findNewFills(trx, locked.order, report.fills);
    const afterFills = await bookFills(trx, locked, fresh);
    const filled = await sumOfFills(trx, locked.order);
    requirePossible(locked.order, report, filled);
    const order = await rememberReport(trx, locked.order, report, filled);
    const complete = new Exact(filled).eq(order.executed_quantity);
    if (report.final === null || !complete) return { order, booked: fresh.length, complete };

    const money = await settleFeeDifference(trx, order, afterFills);
    if (order.status !== 'open') return { order, booked: fresh.length, complete };
    const settled = await settleOrder(trx, { order, money }, report.final, order.status_reason);
    return { order: settled, booked: fresh.length, complete };
  });
}

function requireAccepted({ identifier, status }: Order): void {
  if (!['open', 'filled', 'canceled'].includes(status)) throw new IllegalOrderMove(identifier, status, 'filled');
}

function requirePossible(order: Order, report: FillReport, filled: DecimalText): void {
  const { identifier, quantity } = order;
  const executed = new Exact(report.executedQuantity);
  if (executed.gt(quantity) || new Exact(filled).gt(quantity)) {
    throw new OrderContradiction(
      `order ${identifier} over ${quantity} is said to have filled ${filled} of ${executed}`,
    );
  }
  if (report.final === null || order.status !== 'open') return;
  if (new Exact(filled).gt(executed)) {
    throw new OrderContradiction(`order ${identifier} ended with ${executed} executed, but its fills add to ${filled}`);
  }
  if (report.final === 'filled' && !executed.eq(quantity)) {
    throw new OrderContradiction(`order ${identifier} is called filled with ${executed} of ${quantity} executed`);
  }
}

/** Keeps the newest of what was said; reports may overtake one another. */
async function rememberReport(
  trx: Transaction<Database>,
  order: Order,
  report: FillReport,
  filled: DecimalText,
): Promise<Order> {
  const executed = Exact.max(order.executed_quantity, report.executedQuantity, filled);
  const paidFee = newestFee(order, report);
  return trx
    .updateTable('orders')
    .set({ executed_quantity: executed.toFixed(), paid_fee: paidFee.toFixed() })
    .where('identifier', '=', order.identifier)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The fee at the end is the exchange's last word; before it the larger one is the newer one. */
function newestFee(order: Order, report: FillReport): Exact {
  const known = new Exact(order.paid_fee);
  if (new Exact(report.executedQuantity).lt(order.executed_quantity)) return known;
  if (report.final !== null) return new Exact(report.paidFee);
  return order.status === 'open' ? Exact.max(known, report.paidFee) : known;
}

/** Newest first, each with its order's identifier, market and side. */
export async function readTrades(db: Db, query: ListQuery) {
  return db
    .selectFrom('trades')
    .innerJoin('orders', 'orders.id', 'trades.order_id')
    .selectAll('trades')
    .select(['orders.identifier', 'orders.market', 'orders.side'])
    .where('trades.account', '=', query.account)
    .$if(query.market !== undefined, (rows) => rows.where('orders.market', '=', query.market as string))
    .orderBy('trades.id', 'desc')
    .limit(query.limit)
    .execute();
}
