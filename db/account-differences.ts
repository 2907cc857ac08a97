import { type Selectable, sql } from 'kysely';
import type { DecimalText } from '../strategy/candle.ts';
import type { BotId } from '../strategy/order-identifier.ts';
import { lockComparison, noteCompared } from './account-comparisons.ts';
import type { Db } from './connect.ts';
import type { AccountDifferencesTable } from './schema.ts';
import { inTransaction } from './transaction.ts';

export type AccountDifference = Selectable<AccountDifferencesTable>;

/** A change to record, signed. */
export interface NewAccountDifference {
  readonly currency: string;
  readonly amount: DecimalText;
  readonly cause: AccountDifference['cause'];
  /** The order in `foreign_orders` it comes from; null where no order does. */
  readonly exchangeOrderId: string | null;
  /** One sentence for people. */
  readonly detail: string;
}

/** What an order nobody of ours booked has done to one currency beyond what is recorded of it. */
export interface UnrecordedEffect {
  readonly exchangeOrderId: string;
  readonly identifier: string | null;
  readonly market: string;
  readonly side: 'bid' | 'ask';
  /** Coins, in all. */
  readonly executedQuantity: DecimalText;
  /** Whether the ledger has an order under its identifier, which could not be booked. */
  readonly inLedger: boolean;
  /** Whether the identifier is one of this bot's. */
  readonly ownIdentifier: boolean;
  readonly currency: string;
  /** Signed. */
  readonly amount: DecimalText;
}

/** What has been recorded so far, and which orders have done more since. */
export interface RecordedDifferences {
  /** The newest finished comparison: another one has another name. Null before the first. */
  readonly comparison: string | null;
  /** By currency, the sum of all that is recorded; a currency nobody has looked at yet is absent. */
  readonly sums: ReadonlyMap<string, DecimalText>;
  readonly unrecorded: readonly UnrecordedEffect[];
}

export async function readRecordedDifferences(db: Db, account: string, botId: BotId): Promise<RecordedDifferences> {
  // First: what is read after it is at least as new as the comparison named.
  const newest = await sql<{ name: string | null }>`
    SELECT compared_at::text AS name FROM account_comparisons WHERE account = ${account}`.execute(db);
  const sums = await sql<{ currency: string; sum: string }>`
    SELECT currency, sum(amount) AS sum FROM account_differences
    WHERE account = ${account} GROUP BY currency ORDER BY currency`.execute(db);
  // A market `KRW-BTC` moves KRW by funds and fee, and BTC. What the ledger has booked of that very order counts no
  // second time; a second order under the same identifier has moved all of its own.
  const effects = await sql<UnrecordedEffect>`
    WITH moved AS (
      SELECT f.exchange_order_id, f.identifier, f.market, f.side, f.executed_quantity, o.id IS NOT NULL AS in_ledger,
             f.executed_quantity - coalesce(b.quantity, 0) AS coins, f.executed_funds - coalesce(b.funds, 0) AS funds,
             f.paid_fee - coalesce(b.fee, 0) AS fee
      FROM foreign_orders f
      LEFT JOIN orders o ON o.account = f.account AND o.identifier = f.identifier
      LEFT JOIN orders own ON own.id = o.id AND own.exchange_order_id = f.exchange_order_id
      LEFT JOIN LATERAL (
        SELECT sum(quantity) AS quantity, sum(funds) AS funds,
               coalesce(sum(fee), 0) - coalesce((SELECT sum(cash) FROM ledger_adjustments a
                                                 WHERE a.order_id = own.id AND a.kind = 'fee-difference'), 0) AS fee
        FROM trades t WHERE t.order_id = own.id
      ) b ON true
      WHERE f.account = ${account}
    ), effect AS (
      SELECT m.*, e.currency, e.amount
      FROM moved m, LATERAL (VALUES
        (split_part(m.market, '-', 1), CASE m.side WHEN 'bid' THEN -(m.funds + m.fee) ELSE m.funds - m.fee END),
        (split_part(m.market, '-', 2), CASE m.side WHEN 'bid' THEN m.coins ELSE -m.coins END)
      ) AS e (currency, amount)
    ), recorded AS (
      SELECT exchange_order_id, currency, sum(amount) AS amount FROM account_differences
      WHERE account = ${account} AND exchange_order_id IS NOT NULL GROUP BY exchange_order_id, currency
    )
    SELECT e.exchange_order_id AS "exchangeOrderId", e.identifier, e.market, e.side,
           e.executed_quantity AS "executedQuantity", e.in_ledger AS "inLedger",
           coalesce(starts_with(e.identifier, ${`${botId}-`}), false) AS "ownIdentifier", e.currency,
           e.amount - coalesce(r.amount, 0) AS amount
    FROM effect e LEFT JOIN recorded r USING (exchange_order_id, currency)
    WHERE e.amount <> coalesce(r.amount, 0)
    ORDER BY e.exchange_order_id, e.currency`.execute(db);
  return {
    comparison: newest.rows[0]?.name ?? null,
    sums: new Map(sums.rows.map((row) => [row.currency, row.sum])),
    unrecorded: effects.rows,
  };
}

/** A finished comparison of the account with the ledger. */
export interface FinishedComparison {
  readonly account: string;
  readonly botId: BotId;
  /** When balances were read. */
  readonly marketTime: number;
  /** What was recorded before balances were read: what they were judged against. */
  readonly judged: RecordedDifferences;
  /** What they show beyond that. */
  readonly differences: readonly NewAccountDifference[];
  /** By currency, what the exchange holds beyond what the ledger owns. */
  readonly outside: Readonly<Record<string, DecimalText>>;
}

/**
 * Records what a comparison found and that it was made, unless it was overtaken: balances read before another one
 * recorded a change, held against what it recorded, would show the change undone.
 *
 * @returns undefined, and nothing recorded, when anything was recorded since
 */
export function recordComparison(
  db: Db,
  { account, botId, marketTime, judged, differences, outside }: FinishedComparison,
): Promise<readonly AccountDifference[] | undefined> {
  return inTransaction(db, async (trx) => {
    await lockComparison(trx, account);
    if (!isSame(judged, await readRecordedDifferences(trx, account, botId))) return undefined;
    await noteCompared(trx, account, { marketTime, outside });
    if (differences.length === 0) return [];
    return trx
      .insertInto('account_differences')
      .values(
        differences.map((difference) => ({
          account,
          currency: difference.currency,
          amount: difference.amount,
          cause: difference.cause,
          exchange_order_id: difference.exchangeOrderId,
          detail: difference.detail,
          market_time: new Date(marketTime),
        })),
      )
      .returningAll()
      .execute();
  });
}

function isSame(before: RecordedDifferences, now: RecordedDifferences): boolean {
  const flat = ({ comparison, sums, unrecorded }: RecordedDifferences) =>
    JSON.stringify([comparison, [...sums], unrecorded]);
  return flat(before) === flat(now);
}

/** Newest first. One row for each change of what the exchange holds that the bot's trading does not explain. */
export async function readAccountDifferences(
  db: Db,
  account: string,
  limit: number,
): Promise<readonly AccountDifference[]> {
  return db
    .selectFrom('account_differences')
    .selectAll()
    .where('account', '=', account)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/**
 * Those since an instant (wall time), newest first, that nothing answers for: without what an order had moved when
 * somebody said whose it is, and without what an order moved that the ledger has booked since and that was taken back.
 */
export async function readUnansweredDifferences(
  db: Db,
  account: string,
  { since, limit }: { readonly since: Date; readonly limit: number },
): Promise<readonly AccountDifference[]> {
  return db
    .selectFrom('account_differences as d')
    .leftJoin('foreign_orders as f', (join) =>
      join.onRef('f.account', '=', 'd.account').onRef('f.exchange_order_id', '=', 'd.exchange_order_id'),
    )
    .selectAll('d')
    .where('d.account', '=', account)
    .where('d.at', '>=', since)
    .where(sql<boolean>`(f.classified_at IS NULL OR d.at > f.classified_at)`)
    .where(
      sql<boolean>`(f.booked_at IS NULL OR 0 <> (
        SELECT sum(s.amount) FROM account_differences s
        WHERE s.account = d.account AND s.exchange_order_id = d.exchange_order_id AND s.currency = d.currency))`,
    )
    .orderBy('d.id', 'desc')
    .limit(limit)
    .execute();
}
