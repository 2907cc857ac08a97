import { type Selectable, sql, type Transaction } from 'kysely';
import type { DecimalText } from '../strategy/candle.ts';
import { UNFINISHED_STATUSES } from '../strategy/order-states.ts';
import type { Db } from './connect.ts';
import { type MarketAccount, readMarketAccounts } from './market-accounts.ts';
import type { Database, OrdersTable } from './schema.ts';
import { LATE_FINDS_MS } from './sent-orders.ts';

/** An order the exchange may have executed more of than is booked. */
export interface UnsettledOrder extends Pick<Selectable<OrdersTable>, 'identifier' | 'market' | 'side' | 'status'> {
  /** KRW its booked fills took or brought, fees included: what a purchase cost, what a sale left. */
  readonly booked_krw: DecimalText;
  /** Coins of its booked fills. */
  readonly booked_quantity: DecimalText;
}

/** What the ledger claims of an account at one moment. */
export interface LedgerClaims {
  /** By market. */
  readonly marketAccounts: readonly MarketAccount[];
  /** Unfinished ones, and those given up although they may have been sent while they are looked for; oldest first. */
  readonly unsettled: readonly UnsettledOrder[];
}

/** All as of one instant, nothing locked. */
export function readLedgerClaims(db: Db, account: string): Promise<LedgerClaims> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => ({
      marketAccounts: await readMarketAccounts(trx, account),
      unsettled: await readUnsettled(trx, account),
    }));
}

/**
 * Does `work` in one transaction, if the ledger still claims what it did when `seen` was read; while it runs no money of
 * the account moves and no order of it takes a step. So a question to the exchange, which no transaction may span, can
 * lie between reading and writing.
 *
 * @returns undefined, and nothing done, when something moved meanwhile
 */
export function whileUnchanged<T>(
  db: Db,
  account: string,
  seen: LedgerClaims,
  work: (trx: Transaction<Database>) => Promise<T>,
): Promise<T | undefined> {
  return db.transaction().execute(async (trx) => {
    // The locks first: whoever moves an order holds its market's, so what is read after them stays true.
    const marketAccounts = await lockMarketAccounts(trx, account);
    const now: LedgerClaims = { marketAccounts, unsettled: await readUnsettled(trx, account) };
    return JSON.stringify(now) === JSON.stringify(seen) ? work(trx) : undefined;
  });
}

/** Locks every sub-account of the account until the transaction ends, by market, so that nobody waits in a circle. */
export async function lockMarketAccounts(
  trx: Transaction<Database>,
  account: string,
): Promise<readonly MarketAccount[]> {
  await trx
    .selectFrom('market_accounts')
    .select('market')
    .where('account', '=', account)
    .orderBy('market')
    .forUpdate()
    .execute();
  return readMarketAccounts(trx, account);
}

function readUnsettled(trx: Transaction<Database>, account: string): Promise<readonly UnsettledOrder[]> {
  const unfinished = trx
    .selectFrom('orders')
    .select('id')
    .where('account', '=', account)
    .where('status', 'in', UNFINISHED_STATUSES);
  // The newest deadline stands for the time: market time is the exchange's to tell.
  const givenUp = trx
    .selectFrom('orders')
    .select('id')
    .where('account', '=', account)
    .where('status', '=', 'expired')
    .where('sending_at', 'is not', null)
    .where('deadline', '>', ({ selectFrom }) =>
      selectFrom('orders')
        .select(sql<Date>`max(deadline) - ${LATE_FINDS_MS} * interval '1 millisecond'`.as('since'))
        .where('account', '=', account),
    );
  return trx
    .selectFrom('orders')
    .leftJoin('trades', 'trades.order_id', 'orders.id')
    .select(['orders.identifier', 'orders.market', 'orders.side', 'orders.status'])
    .select([
      sql<DecimalText>`coalesce(sum(CASE orders.side WHEN 'bid' THEN funds + fee ELSE funds - fee END), 0)`.as(
        'booked_krw',
      ),
      sql<DecimalText>`coalesce(sum(trades.quantity), 0)`.as('booked_quantity'),
    ])
    .where('orders.id', 'in', unfinished.unionAll(givenUp))
    .groupBy('orders.id')
    .orderBy('orders.id')
    .execute();
}
