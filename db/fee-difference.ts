import { sql, type Transaction } from 'kysely';
import type { DecimalText } from '../strategy/candle.ts';
import { decimalText, Exact } from '../strategy/exact-decimal.ts';
import { type OrderMoney, payFeeDifference } from '../strategy/order-money.ts';
import { recordAdjustment } from './ledger-adjustments.ts';
import { writeOrderMoney } from './locked-order.ts';
import type { Order } from './orders.ts';
import type { Database } from './schema.ts';

/**
 * Holds the fee the exchange took for an ended order against what the ledger booked for it, and books the difference as
 * an adjustment. What was adjusted before counts as booked, so that doing it again changes nothing.
 *
 * @param order locked, with all its fills booked and `paid_fee` as the exchange says it
 */
export async function settleFeeDifference(
  trx: Transaction<Database>,
  order: Order,
  money: OrderMoney,
): Promise<OrderMoney> {
  const booked = await bookedFees(trx, order);
  const difference = new Exact(order.paid_fee).minus(booked);
  if (difference.isZero()) return money;

  const paid = payFeeDifference(order.side, money, decimalText(difference));
  const cause = `the exchange took ${order.paid_fee} KRW of fees for ${order.identifier}, its fills add up to ${booked}`;
  if (paid.cover) await recordAdjustment(trx, order, 'cover', paid.cover, cause);
  await recordAdjustment(trx, order, 'fee-difference', paid.change, cause);
  await writeOrderMoney(trx, order, paid.money);
  return paid.money;
}

async function bookedFees(trx: Transaction<Database>, order: Order): Promise<DecimalText> {
  const { rows } = await sql<{ fees: string }>`
    SELECT (SELECT coalesce(sum(fee), 0) FROM trades WHERE order_id = ${order.id})
         - (SELECT coalesce(sum(cash), 0) FROM ledger_adjustments
            WHERE order_id = ${order.id} AND kind = 'fee-difference') AS fees`.execute(trx);
  return decimalText(new Exact(rows[0]?.fees ?? '0'));
}
