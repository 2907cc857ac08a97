import { sql } from 'kysely';
import type { Db } from './connect.ts';
import type { ListQuery } from './list-query.ts';

/** One thing that moved a sub-account's money; names as the command line's JSON has them, sums as signed text. */
export interface LedgerEntryRow extends Record<string, unknown> {
  /** Counts up in the order of booking; entries of all markets share it. */
  readonly id: string;
  /** Wall time it was recorded; a fill's is the exchange's, market time. */
  readonly at: Date;
  readonly market: string;
  readonly kind: 'allocate' | 'withdraw' | 'adopt' | 'adjust' | 'buy' | 'sell' | 'fee-difference' | 'cover';
  /** KRW, after the fee. */
  readonly cash: string;
  readonly quantity: string;
  /** What a flow or adjustment says about the cost; null for a fill, whose cost follows from what is held. */
  readonly cost: string | null;
  readonly note: string;
  readonly reference: string | null;
}

/** Every entry of an account, newest first. */
export async function readLedgerEntries(db: Db, query: ListQuery): Promise<readonly LedgerEntryRow[]> {
  const { rows } = await sql<LedgerEntryRow>`
    SELECT id::text, at, market, kind, trim_scale(cash)::text AS cash, trim_scale(quantity)::text AS quantity,
           trim_scale(cost)::text AS cost, note, reference
    FROM (
      SELECT id, at, market, kind, cash, quantity, cost, note, reference FROM cash_flows
      WHERE account = ${query.account}
      UNION ALL
      SELECT id, at, market, kind, cash, quantity, cost, cause, NULL FROM ledger_adjustments
      WHERE account = ${query.account}
      UNION ALL
      SELECT t.id, t.executed_at, o.market, CASE o.side WHEN 'bid' THEN 'buy' ELSE 'sell' END,
             CASE o.side WHEN 'bid' THEN -(t.funds + t.fee) ELSE t.funds - t.fee END,
             CASE o.side WHEN 'bid' THEN t.quantity ELSE -t.quantity END, NULL, o.identifier, NULL
      FROM trades t JOIN orders o ON o.id = t.order_id WHERE o.account = ${query.account}
    ) entries
    WHERE ${query.market ?? null}::text IS NULL OR market = ${query.market ?? null}
    ORDER BY entries.id DESC LIMIT ${query.limit}`.execute(db);
  return rows;
}
