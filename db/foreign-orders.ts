import { type Selectable, sql } from 'kysely';
import type { DecimalText } from '../strategy/candle.ts';
import type { OrderSide } from '../strategy/order-money.ts';
import { BOT_ID_KEY } from './bot-settings.ts';
import type { Db } from './connect.ts';
import { NotInLedger } from './ledger-errors.ts';
import type { ListQuery } from './list-query.ts';
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
 * look that another has overtaken changes nothing: what is executed never falls, and what has ended stays so. One that
 * the ledger had booked meanwhile is foreign again.
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
        booked_at: null,
      }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

export type WhoseOrder = NonNullable<ForeignOrder['classified_as']>;

/**
 * Says whose a foreign order is, and why; a later word replaces an earlier one, what was noted before stays. No money
 * moves by it.
 *
 * @throws {NotInLedger} when no such order was seen
 */
export async function classifyForeignOrder(
  db: Db,
  account: string,
  exchangeOrderId: string,
  as: WhoseOrder,
  note: string,
): Promise<ForeignOrder> {
  const classified = await db
    .updateTable('foreign_orders')
    .set({
      classified_as: as,
      classified_at: sql<Date>`clock_timestamp()`,
      note: sql`concat_ws('; ', note, ${note}::text)`,
    })
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

/** Newest first. */
export async function readForeignOrders(
  db: Db,
  query: ListQuery & {
    /** Only those that neither anybody's word nor the ledger explains. */
    readonly unclassified?: boolean;
  },
): Promise<readonly ForeignOrder[]> {
  return db
    .selectFrom('foreign_orders')
    .selectAll()
    .where('account', '=', query.account)
    .$if(query.market !== undefined, (rows) => rows.where('market', '=', query.market as string))
    .$if(query.unclassified === true, (rows) => rows.where('classified_as', 'is', null).where('booked_at', 'is', null))
    .orderBy('first_seen', 'desc')
    .orderBy('exchange_order_id')
    .limit(query.limit)
    .execute();
}

/** Those that nobody has classified and that bear this database's bot id: the ledger lacks them or refuses them. */
export async function readLostOrders(db: Db, account: string, limit: number): Promise<readonly ForeignOrder[]> {
  return db
    .selectFrom('foreign_orders')
    .selectAll()
    .where('account', '=', account)
    .where('classified_as', 'is', null)
    .where('booked_at', 'is', null)
    .where(sql<boolean>`starts_with(identifier, (SELECT value FROM settings WHERE key = ${BOT_ID_KEY}) || '-')`)
    .orderBy('first_seen', 'desc')
    .orderBy('exchange_order_id')
    .limit(limit)
    .execute();
}

/** What was recorded beside the ledger of an order that the ledger has. */
export interface RecordedBeside {
  /**
   * It was recorded before the ledger had it, which is an older copy that was put back: that speaks against nothing the
   * exchange shows of it now. Else the ledger had it and refused to book it.
   */
  readonly lacked: boolean;
  readonly note: string | null;
}

/** Of orders of the ledger, by identifier, what was recorded beside it and is not booked since. */
export async function findRecordedBeside(
  db: Db,
  account: string,
  identifiers: readonly string[],
): Promise<ReadonlyMap<string, RecordedBeside>> {
  const { rows } = await sql<RecordedBeside & { readonly identifier: string }>`
    SELECT o.identifier, f.first_seen < o.created_at AS lacked, f.note
    FROM foreign_orders f JOIN orders o ON o.account = f.account AND o.identifier = f.identifier
    WHERE f.account = ${account} AND f.identifier = ANY(${[...identifiers]}::text[]) AND f.booked_at IS NULL
    ORDER BY f.first_seen`.execute(db);
  // Of several under one name the newest counts: what was refused came after what was lacked.
  return new Map(rows.map(({ identifier, ...recorded }) => [identifier, recorded]));
}

/** An order under an identifier of the ledger's that it refused, and its own order of that name, which has ended since. */
export interface PerhapsBooked {
  readonly exchangeOrderId: string;
  /** What the ledger knows its own order as at the exchange. */
  readonly bookedAs: string;
  /** Coins, as booked. */
  readonly executedQuantity: DecimalText;
}

/**
 * Those that the ledger may have booked since. One under another exchange order id counts only where it was seen before
 * the ledger's own came to its end, and for a week from then: later the exchange may have forgotten a second order.
 */
export async function findPerhapsBooked(db: Db, account: string): Promise<readonly PerhapsBooked[]> {
  const { rows } = await sql<PerhapsBooked>`
    SELECT f.exchange_order_id AS "exchangeOrderId", o.exchange_order_id AS "bookedAs",
           o.executed_quantity AS "executedQuantity"
    FROM foreign_orders f JOIN orders o ON o.account = f.account AND o.identifier = f.identifier
    WHERE f.account = ${account} AND f.booked_at IS NULL AND o.status IN ('filled', 'canceled')
      AND (f.exchange_order_id = o.exchange_order_id
           OR (f.first_seen < o.settled_at AND o.settled_at > clock_timestamp() - interval '7 days'))
    ORDER BY f.exchange_order_id`.execute(db);
  return rows;
}

/** Notes that the ledger tells of it now, and what the exchange shows of it: what was recorded of it was an error. */
export async function markForeignOrderBooked(
  db: Db,
  shown: Pick<
    SeenForeignOrder,
    'account' | 'exchangeOrderId' | 'state' | 'executedQuantity' | 'executedFunds' | 'paidFee'
  >,
): Promise<void> {
  await db
    .updateTable('foreign_orders')
    .set({
      booked_at: sql<Date>`clock_timestamp()`,
      state: shown.state,
      executed_quantity: shown.executedQuantity,
      executed_funds: shown.executedFunds,
      paid_fee: shown.paidFee,
    })
    .where('account', '=', shown.account)
    .where('exchange_order_id', '=', shown.exchangeOrderId)
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
