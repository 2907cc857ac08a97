import { sql } from 'kysely';
import type { Db } from './connect.ts';

/** What an account did about candles that closed in a stretch of market time. */
export interface TradingCounts {
  readonly decisions: { readonly live: number; readonly stale: number };
  readonly orders: {
    /** That reached the exchange, or may have. */
    readonly sent: number;
    readonly filled: number;
    readonly canceled: number;
    readonly rejected: number;
    readonly open: number;
    /** Neither at their end nor known to rest at the exchange. */
    readonly unresolved: number;
  };
  readonly trades: number;
}

/** @param range closes of the candles meant, UTC epoch milliseconds of market time, `from` excluded and `until` included */
export async function countTrading(
  db: Db,
  account: string,
  range: { readonly from: number; readonly until: number },
): Promise<TradingCounts> {
  const [from, until] = [new Date(range.from), new Date(range.until)];
  const { rows } = await sql<Record<string, number>>`
    WITH meant AS (
      SELECT id, action FROM decisions
      WHERE account = ${account} AND candle + interval '1 minute' > ${from} AND candle + interval '1 minute' <= ${until}
    ), ordered AS (
      SELECT o.* FROM orders o JOIN meant ON meant.id = o.decision
    )
    SELECT (SELECT count(*) FROM meant WHERE action <> 'stale')::int AS live,
           (SELECT count(*) FROM meant WHERE action = 'stale')::int AS stale,
           (SELECT count(*) FROM ordered WHERE sending_at IS NOT NULL)::int AS sent,
           (SELECT count(*) FROM ordered WHERE status = 'filled')::int AS filled,
           (SELECT count(*) FROM ordered WHERE status = 'canceled')::int AS canceled,
           (SELECT count(*) FROM ordered WHERE status = 'rejected')::int AS rejected,
           (SELECT count(*) FROM ordered WHERE status = 'open')::int AS open,
           (SELECT count(*) FROM ordered WHERE status IN ('intended', 'sending', 'unknown'))::int AS unresolved,
           (SELECT count(*) FROM trades JOIN ordered ON ordered.id = trades.order_id)::int AS trades`.execute(db);
  const {
    live = 0,
    stale = 0,
    trades = 0,
    sent = 0,
    filled = 0,
    canceled = 0,
    rejected = 0,
    open = 0,
    unresolved = 0,
  } = rows[0] ?? {};
  return { decisions: { live, stale }, orders: { sent, filled, canceled, rejected, open, unresolved }, trades };
}
