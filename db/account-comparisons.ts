import { type Selectable, sql, type Transaction } from 'kysely';
import type { DecimalText } from '../strategy/candle.ts';
import type { Db } from './connect.ts';
import type { AccountComparisonsTable, Database } from './schema.ts';

export type AccountComparison = Selectable<AccountComparisonsTable>;

/** The newest finished comparison of ledger and exchange; undefined before the first one. */
export async function readLastComparison(db: Db, account: string): Promise<AccountComparison | undefined> {
  return db
    .selectFrom('account_comparisons')
    .selectAll()
    .where('account', '=', account)
    .where('compared_at', 'is not', null)
    .executeTakeFirst();
}

/** Where comparing stands. */
export interface ComparisonProgress {
  /**
   * Wall milliseconds since balances were last compared, by the database's clock; undefined before the first time, and
   * where that clock has been set back since.
   */
  readonly comparedAgoMs: number | undefined;
  /** Market time of that comparison. */
  readonly comparedAt: number | undefined;
  /** Market time until which ended orders have been looked at, by creation; undefined before the first time. */
  readonly ordersUntil: number | undefined;
}

export async function readComparisonProgress(db: Db, account: string): Promise<ComparisonProgress> {
  const { rows } = await sql<{ ago: number | null; market_time: Date | null; orders_until: Date | null }>`
    SELECT CASE WHEN compared_at <= clock_timestamp()
             THEN (extract(epoch FROM clock_timestamp() - compared_at) * 1000)::float8 END AS ago,
           market_time, orders_until
    FROM account_comparisons WHERE account = ${account}`.execute(db);
  return {
    comparedAgoMs: rows[0]?.ago ?? undefined,
    comparedAt: rows[0]?.market_time?.getTime(),
    ordersUntil: rows[0]?.orders_until?.getTime(),
  };
}

/**
 * Notes that ended orders created before `until` have been looked at. That never goes back, save when what was noted
 * lies ahead of `now`, which nobody can have looked at: a clock was wrong then. Both are market time.
 */
export async function noteOrdersRead(
  db: Db,
  account: string,
  { until, now }: { readonly until: number; readonly now: number },
): Promise<void> {
  await sql`
    INSERT INTO account_comparisons AS c (account, orders_until) VALUES (${account}, ${new Date(until)})
    ON CONFLICT (account) DO UPDATE SET orders_until = CASE
      WHEN c.orders_until > ${new Date(now)} THEN excluded.orders_until
      ELSE greatest(c.orders_until, excluded.orders_until) END`.execute(db);
}

/** Notes that the account was held against the ledger just now, and what it holds beyond it. */
export async function noteCompared(
  db: Db,
  account: string,
  compared: { readonly marketTime: number; readonly outside: Readonly<Record<string, DecimalText>> },
): Promise<void> {
  await sql`
    INSERT INTO account_comparisons (account, compared_at, market_time, outside)
    VALUES (${account}, clock_timestamp(), ${new Date(compared.marketTime)}, ${JSON.stringify(compared.outside)})
    ON CONFLICT (account) DO UPDATE
    SET compared_at = excluded.compared_at, market_time = excluded.market_time, outside = excluded.outside`.execute(db);
}

/** Locks the account's comparison until the transaction ends: who records differences follows who did before. */
export async function lockComparison(trx: Transaction<Database>, account: string): Promise<void> {
  await sql`INSERT INTO account_comparisons (account) VALUES (${account}) ON CONFLICT DO NOTHING`.execute(trx);
  await trx
    .selectFrom('account_comparisons')
    .select('account')
    .where('account', '=', account)
    .forUpdate()
    .executeTakeFirst();
}
