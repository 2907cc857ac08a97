import { sql, type Transaction } from 'kysely';
import type { DecimalText } from '../strategy/candle.ts';
import { type OrderMoney, payFill } from '../strategy/order-money.ts';
import { feeOf } from '../strategy/position.ts';
import { recordAdjustment } from './ledger-adjustments.ts';
import { OrderContradiction } from './ledger-errors.ts';
import { type LockedOrder, writeOrderMoney } from './locked-order.ts';
import type { Order } from './orders.ts';
import type { Database } from './schema.ts';

/** One fill as the exchange reports it; it names no fee. */
export interface ReportedFill {
  readonly exchangeTradeId: string;
  /** KRW. */
  readonly price: DecimalText;
  /** Coins. */
  readonly quantity: DecimalText;
  /** KRW, before the fee. */
  readonly funds: DecimalText;
  /** UTC epoch milliseconds of market time. */
  readonly executedAt: number;
}

/**
 * The reported fills the ledger does not have, each once, in the order reported.
 *
 * @throws {OrderContradiction} when one of them belongs to another order
 */
export async function findNewFills(
  trx: Transaction<Database>,
  order: Order,
  fills: readonly ReportedFill[],
): Promise<readonly ReportedFill[]> {
  const reported = new Map(fills.map((fill) => [fill.exchangeTradeId, fill]));
  if (reported.size === 0) return [];
  const known = await trx
    .selectFrom('trades')
    .select(['exchange_trade_id', 'order_id'])
    .where('exchange_trade_id', 'in', [...reported.keys()])
    .execute();
  for (const trade of known) {
    if (trade.order_id !== order.id) {
      throw new OrderContradiction(`fill ${trade.exchange_trade_id} belongs to another order than ${order.identifier}`);
    }
    reported.delete(trade.exchange_trade_id);
  }
  return [...reported.values()];
}

/**
 * Books fills the ledger does not have: the trade, what it moves, and before it what had to be put in to pay for it.
 *
 * @returns the money of the order's market afterwards
 */
export async function bookFills(
  trx: Transaction<Database>,
  { order, money: before }: LockedOrder,
  fills: readonly ReportedFill[],
): Promise<OrderMoney> {
  let money = before;
  for (const fill of fills) {
    const fee = feeOf(fill.funds, order.fee_rate);
    const paid = payFill(order.side, money, { quantity: fill.quantity, funds: fill.funds, fee });
    // Before the fill, so that booking the entries again in their order never sells what is not there.
    if (paid.cover) {
      const cause = `fill ${fill.exchangeTradeId} of ${order.identifier} took more than its market had left`;
      await recordAdjustment(trx, order, 'cover', paid.cover, cause);
    }
    await trx
      .insertInto('trades')
      .values({
        account: order.account,
        order_id: order.id,
        exchange_trade_id: fill.exchangeTradeId,
        executed_at: new Date(fill.executedAt),
        price: fill.price,
        quantity: fill.quantity,
        funds: fill.funds,
        fee,
      })
      .execute();
    money = paid.money;
  }
  if (fills.length > 0) await writeOrderMoney(trx, order, money);
  return money;
}

/** Coins of all fills of the order booked so far. */
export async function sumOfFills(trx: Transaction<Database>, order: Order): Promise<DecimalText> {
  const { quantity } = await trx
    .selectFrom('trades')
    .select(sql<string>`coalesce(sum(quantity), 0)`.as('quantity'))
    .where('order_id', '=', order.id)
    .executeTakeFirstOrThrow();
  return quantity;
}
