import { sql } from 'kysely';
import { TIMEFRAMES, type Timeframe } from '../config/timeframe.ts';
import type { Db } from './connect.ts';

/**
 * What an account did about candles that closed in a stretch of market time. An order that no candle called for counts
 * by its deadline.
 */
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
      SELECT d.id, d.action FROM market_accounts a JOIN decisions d
        ON d.account = a.account AND d.market = a.market AND d.timeframe = ANY(${Object.keys(TIMEFRAMES)}::text[])
        AND d.candle > ${from}::timestamptz - interval '1 minute' AND d.candle <= ${until}::timestamptz - interval '1 minute'
      WHERE a.account = ${account}
    ), ordered AS (
      -- OFFSET 0 keeps it a look into the index for each decision: joined, a plan may read all orders there are.
      SELECT o.* FROM meant CROSS JOIN LATERAL (SELECT o.* FROM orders o WHERE o.decision = meant.id OFFSET 0) o
      UNION ALL
      SELECT o.* FROM orders o
      WHERE o.account = ${account} AND o.decision IS NULL AND o.deadline > ${from} AND o.deadline <= ${until}
    )
    SELECT (SELECT count(*) FROM meant WHERE action <> 'stale')::int AS live,
           (SELECT count(*) FROM meant WHERE action = 'stale')::int AS stale,
           (SELECT count(*) FROM ordered WHERE sending_at IS NOT NULL)::int AS sent,
           (SELECT count(*) FROM ordered WHERE status = 'filled')::int AS filled,
           (SELECT count(*) FROM ordered WHERE status = 'canceled')::int AS canceled,
           (SELECT count(*) FROM ordered WHERE status = 'rejected')::int AS rejected,
           (SELECT count(*) FROM ordered WHERE status = 'open')::int AS open,
           (SELECT count(*) FROM ordered WHERE status IN ('intended', 'sending', 'unknown'))::int AS unresolved,
           (SELECT count(*) FROM ordered CROSS JOIN LATERAL (
              SELECT FROM trades WHERE trades.order_id = ordered.id OFFSET 0) t)::int AS trades`.execute(db);
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

/**
 * How much of an account's trading is under way: stored candles up to `until` that have no decision yet, and orders
 * between their decision and their end. Orders that nobody is sure of (`unknown`) are not under way.
 *
 * @param until opens of the candles meant lie before it, UTC epoch milliseconds of market time
 */
export async function countUnderWay(db: Db, account: string, timeframe: Timeframe, until: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT (
      SELECT count(*) FROM market_accounts a
      LEFT JOIN decision_coverage k ON k.account = a.account AND k.market = a.market AND k.timeframe = ${timeframe}
      -- Only where it is not known that every stored candle is decided on.
      CROSS JOIN LATERAL unnest(
        tstzmultirange(tstzrange(a.trading_since, greatest(a.trading_since, ${new Date(until)})))
        - coalesce(k.decided, '{}')) r
      CROSS JOIN LATERAL (
        SELECT FROM candles c
        WHERE c.market = a.market AND c.timeframe = ${timeframe} AND c.ts >= lower(r) AND c.ts < upper(r)
          AND NOT EXISTS (
            SELECT FROM decisions d
            WHERE d.account = a.account AND d.market = a.market AND d.timeframe = c.timeframe
              AND d.candle = c.ts AND d.trigger = 'candle' OFFSET 0)
        OFFSET 0
      ) undecided
      WHERE a.account = ${account} AND a.trading_since IS NOT NULL
    )::int + (
      SELECT count(*) FROM orders WHERE account = ${account} AND status IN ('intended', 'sending', 'open')
    )::int AS count`.execute(db);
  return rows[0]?.count ?? 0;
}
