import { sql } from 'kysely';
import type { Timeframe } from '../config/timeframe.ts';
import type { Db } from './connect.ts';
import type { Decision } from './decisions.ts';

/** How deciding goes in one market; columns of its newest decision as the table names them, null before the first. */
export interface DecisionSummary {
  readonly market: string;
  /** Open of the candle it is about, market time. */
  readonly candle: Date | null;
  readonly action: Decision['action'] | null;
  readonly score: string | null;
  readonly threshold: string | null;
  readonly signals: Decision['signals'] | null;
  readonly reason: string | null;
  /** Wall time. */
  readonly decided_at: Date | null;
  /** Decisions about the candles of the stretch asked for that were made in time, `blocked` ones included. */
  readonly live: number;
  readonly blocked: number;
  readonly stale: number;
  /** Of the stale ones: recorded while trading of the market was paused. */
  readonly stale_while_paused: number;
}

/** Whose decisions are summarized. */
export interface SummarizedTrading {
  readonly account: string;
  readonly timeframe: Timeframe;
  /** Markets whose trading is paused now, each with since when, wall time; null: for longer than is asked about. */
  readonly pausedSince: ReadonlyMap<string, Date | null>;
}

/**
 * Every sub-account of an account, by market: its newest decision, and how many it made about the candles that opened
 * in a stretch of market time. Only decisions that a candle called for.
 *
 * @param opens UTC epoch milliseconds of market time, `until` excluded
 */
export async function summarizeDecisions(
  db: Db,
  { account, timeframe, pausedSince }: SummarizedTrading,
  opens: { readonly from: number; readonly until: number },
): Promise<readonly DecisionSummary[]> {
  const { rows } = await sql<DecisionSummary>`
    SELECT a.market, newest.*, counted.* FROM market_accounts a
    LEFT JOIN unnest(${[...pausedSince.keys()]}::text[], ${[...pausedSince.values()]}::timestamptz[])
      AS paused (market, since) ON paused.market = a.market
    LEFT JOIN LATERAL (
      SELECT candle, action, score::text, threshold::text, signals, reason, decided_at
      FROM decisions d
      WHERE d.account = a.account AND d.market = a.market AND d.timeframe = ${timeframe} AND d.trigger = 'candle'
      ORDER BY candle DESC LIMIT 1
    ) newest ON true
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE action <> 'stale')::int AS live,
             count(*) FILTER (WHERE action = 'blocked')::int AS blocked,
             count(*) FILTER (WHERE action = 'stale')::int AS stale,
             count(*) FILTER (WHERE action = 'stale' AND paused.market IS NOT NULL
                                AND decided_at >= coalesce(paused.since, '-infinity'))::int AS stale_while_paused
      FROM decisions d
      WHERE d.account = a.account AND d.market = a.market AND d.timeframe = ${timeframe} AND d.trigger = 'candle'
        AND d.candle >= ${new Date(opens.from)} AND d.candle < ${new Date(opens.until)}
    ) counted
    WHERE a.account = ${account} ORDER BY a.market`.execute(db);
  return rows;
}
