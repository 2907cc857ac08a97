import { sql, type Transaction, type UpdateObject } from 'kysely';
import { type OrderMoney, release } from '../strategy/order-money.ts';
import { canMove, type OrderStatus } from '../strategy/order-states.ts';
import { IllegalOrderMove } from './ledger-errors.ts';
import { lockMarketAccount, writeMarketAccount } from './market-accounts.ts';
import { type Order, requireOrder } from './orders.ts';
import type { Database } from './schema.ts';

/** An order and the money of its market, both locked until the transaction ends. */
export interface LockedOrder {
  readonly order: Order;
  readonly money: OrderMoney;
}

/**
 * Locks the market's sub-account first and the order after it, as everybody does, so that nobody waits in a circle.
 *
 * @throws {NotInLedger}
 */
export async function lockOrder(trx: Transaction<Database>, identifier: string): Promise<LockedOrder> {
  const { account, market } = await requireOrder(trx, identifier);
  const { holdings, reserved } = await lockMarketAccount(trx, account, market);
  const order = await trx
    .selectFrom('orders')
    .selectAll()
    .where('identifier', '=', identifier)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return {
    order,
    money: { holdings, reserved, own: { cash: order.reserved_cash, quantity: order.reserved_quantity } },
  };
}

/**
 * Moves the order along an edge of the table of states, only if it still is where it was read.
 *
 * @throws {IllegalOrderMove} when there is no such edge
 */
export async function moveOrder(
  trx: Transaction<Database>,
  order: Order,
  to: OrderStatus,
  change: UpdateObject<Database, 'orders'> = {},
): Promise<Order> {
  const { identifier, status: from } = order;
  if (!canMove(from, to)) throw new IllegalOrderMove(identifier, from, to);
  const moved = await trx
    .updateTable('orders')
    .set({ ...change, status: to })
    .where('identifier', '=', identifier)
    .where('status', '=', from)
    .returningAll()
    .executeTakeFirst();
  if (moved === undefined) throw new IllegalOrderMove(identifier, `no longer ${from}`, to);
  return moved;
}

/** Writes the money of the order's market, and what of it is the order's reservation. */
export async function writeOrderMoney(
  trx: Transaction<Database>,
  order: Order,
  { holdings, reserved, own }: OrderMoney,
): Promise<void> {
  await writeMarketAccount(trx, order, holdings, reserved);
  await trx
    .updateTable('orders')
    .set({ reserved_cash: own.cash, reserved_quantity: own.quantity })
    .where('identifier', '=', order.identifier)
    .execute();
}

/** Ends the order: moves it and gives back what it still has reserved. */
export async function settleOrder(
  trx: Transaction<Database>,
  { order, money }: LockedOrder,
  to: 'filled' | 'canceled' | 'rejected' | 'expired',
  reason: string | null,
): Promise<Order> {
  const { holdings, reserved, own } = release(money);
  const settled = await moveOrder(trx, order, to, {
    reserved_cash: own.cash,
    reserved_quantity: own.quantity,
    settled_at: sql<Date>`clock_timestamp()`,
    status_reason: reason,
  });
  await writeMarketAccount(trx, order, holdings, reserved);
  return settled;
}
