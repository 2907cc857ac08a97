import { type Selectable, sql } from 'kysely';
import type { DecimalText } from '../strategy/candle.ts';
import type { OrderSide } from '../strategy/order-money.ts';
import type { Db } from './connect.ts';
import { NotInLedger } from './ledger-errors.ts';
import type { ForeignOrdersTable } from './schema.ts';

export type ForeignOrder = Selectable<ForeignOrdersTable>;

/** An order on the account that the ledger does not explain, as the exchange shows it. */
export interface SeenForeignOrder {
  readonly account: string;
  readonly exchangeOrderId: string;
  readonly identifier: string | null;
  readonly market: string;
  readonly side: OrderSide;
  /** The exchange's word. */
  readonly state: string;
  /** Coins. */
  readonly executedQuantity: DecimalText;
  /** KRW before fees. */
  readonly executedFunds: DecimalText;
  readonly paidFee: DecimalText;
  /** What is wrong with it, where something is. */
  readonly note?: string;
}

/** Ended, in the exchange's words. */
const ENDED = sql`('done', 'cancel')`;

/**
 * Records it, or what became of it since; whose it was said to be, what was noted and when it was first seen stay. A
 * look that another has overtaken changes nothing: what is executed never falls, and what has ended stays so.
 */
export async function recordForeignOrder(db: Db, seen: SeenForeignOrder): Promise<ForeignOrder> {
  const overtaken = sql`(foreign_orders.executed_quantity > excluded.executed_quantity
    OR (foreign_orders.executed_quantity = excluded.executed_quantity AND foreign_orders.state IN ${ENDED} AND excluded.state NOT IN ${ENDED}))`;
  const newer = (column: string) =>
    sql<string>`CASE WHEN ${overtaken} THEN foreign_orders.${sql.ref(column)} ELSE excluded.${sql.ref(column)} END`;
  return db
    .insertInto('foreign_orders')
    .values({
      account: seen.account,
      exchange_order_id: seen.exchangeOrderId,
      identifier: seen.identifier,
      market: seen.market,
      side: seen.side,
      state: seen.state,
      executed_quantity: seen.executedQuantity,
      executed_funds: seen.executedFunds,
      paid_fee: seen.paidFee,
      note: seen.note ?? null,
    })
    .onConflict((conflict) =>
      conflict.columns(['account', 'exchange_order_id']).doUpdateSet({
        state: newer('state'),
        executed_quantity: newer('executed_quantity'),
        executed_funds: newer('executed_funds'),
        paid_fee: newer('paid_fee'),
        note: sql`coalesce(foreign_orders.note, excluded.note)`,
      }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

/**
 * Says whose a foreign order is; a later word replaces an earlier one.
 *
 * @throws {NotInLedger} when no such order was seen
 */
export async function classifyForeignOrder(
  db: Db,
  account: string,
  exchangeOrderId: string,
  as: NonNullable<ForeignOrder['classified_as']>,
  note: string | null,
): Promise<ForeignOrder> {
  const classified = await db
    .updateTable('foreign_orders')
    .set({ classified_as: as, note })
    .where('account', '=', account)
    .where('exchange_order_id', '=', exchangeOrderId)
    .returningAll()
    .executeTakeFirst();
  if (!classified) throw new NotInLedger(`account ${account} has no foreign order ${exchangeOrderId}`);
  return classified;
}

/**
 * Notes that the exchange does not know an order any more that was open when it was last seen, so that nobody looks for
 * it again. Should it be seen after all, it is recorded as anything else is.
 */
export async function markForeignOrderGone(db: Db, account: string, exchangeOrderId: string): Promise<void> {
  await db
    .updateTable('foreign_orders')
    .set({ state: 'not-found' })
    .where('account', '=', account)
    .where('exchange_order_id', '=', exchangeOrderId)
    .where('state', 'in', ['wait', 'watch'])
    .execute();
}

/** Newest first; all of them without a limit. */
export async function readForeignOrders(db: Db, account: string, limit?: number): Promise<readonly ForeignOrder[]> {
  return db
    .selectFrom('foreign_orders')
    .selectAll()
    .where('account', '=', account)
    .orderBy('first_seen', 'desc')
    .orderBy('exchange_order_id')
    .$if(limit !== undefined, (rows) => rows.limit(limit as number))
    .execute();
}

/** Those of the given exchange order ids that are recorded, and all that had not ended when they were last seen. */
export async function findForeignOrders(
  db: Db,
  account: string,
  exchangeOrderIds: readonly string[],
): Promise<readonly ForeignOrder[]> {
  return db
    .selectFrom('foreign_orders')
    .selectAll()
    .where('account', '=', account)
    .where((or) =>
      or.or([
        or('exchange_order_id', '=', sql<string>`ANY(${[...exchangeOrderIds]}::text[])`),
        or('state', 'in', ['wait', 'watch']),
      ]),
    )
    .orderBy('exchange_order_id')
    .execute();
}
