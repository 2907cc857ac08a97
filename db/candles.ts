import { sql } from 'kysely';
import type { Market } from '../config/market.ts';
import type { Timeframe } from '../config/timeframe.ts';
import type { Candle, CandleRange } from '../strategy/candle.ts';
import type { Db } from './connect.ts';

/** Channel told of each newly stored candle; the payload is `{"market","timeframe","ts"}` of the newest one. */
export const CANDLE_CHANNEL = 'candle_closed';

export interface UpsertOutcome {
  /** Candles that were not there before. */
  readonly inserted: number;
  /** Candles whose figures the exchange changed; what they said is kept in `candle_revisions`. */
  readonly corrected: number;
  /** Of the inserted ones: those whose minute had already counted as empty. */
  readonly late: number;
}

export interface CollectedCandles {
  /** Closed candles, in any order. */
  readonly candles: readonly Candle[];
  /** Stretches the exchange was asked for and answered. */
  readonly settled: readonly CandleRange[];
  /** Stretches to forget: asked for, but the answer has turned out to be wrong. */
  readonly unsettled?: readonly CandleRange[];
}

/**
 * Stores closed candles and what stretches were asked for, in one transaction: inserts what is new, corrects what
 * changed (keeping the old figures), leaves equal rows untouched, and notifies listeners of the newest new candle.
 * Idempotent: storing the same again changes nothing and notifies nobody.
 *
 * One `INSERT … SELECT FROM unnest(…)`, because a VALUES list of the same rows took half as long again; whole, with
 * revisions and coverage, 25 k candles/s in batches of 200 and 50 k in batches of 10,000 (docs/benchmarks.md).
 */
export async function upsertCandles(
  db: Db,
  market: Market,
  timeframe: Timeframe,
  { candles, settled, unsettled = [] }: CollectedCandles,
): Promise<UpsertOutcome> {
  const batch = sortedWithoutRepeats(candles);
  const column = (name: Exclude<keyof Candle, 'ts'>) => batch.map((candle) => candle[name]);
  return db.transaction().execute(async (trx) => {
    // Taking the coverage row first makes two writers of one market follow each other, so that the comparison with
    // the stored rows below sees what the other one wrote.
    const { rows: locked } = await sql<{ covered: string }>`
      INSERT INTO candle_coverage (market, timeframe) VALUES (${market}, ${timeframe})
      ON CONFLICT (market, timeframe) DO UPDATE SET market = excluded.market
      RETURNING covered::text AS covered`.execute(trx);
    const coveredBefore = locked[0]?.covered ?? '{}';
    const { rows } = await sql<{ inserted: number; corrected: number; late: number }>`
      WITH incoming AS (
        SELECT * FROM unnest(
          ${batch.map((candle) => new Date(candle.ts).toISOString())}::timestamptz[],
          ${column('open')}::numeric[], ${column('high')}::numeric[], ${column('low')}::numeric[],
          ${column('close')}::numeric[], ${column('volume')}::numeric[], ${column('quoteVolume')}::numeric[]
        ) AS t (ts, open, high, low, close, volume, quote_volume)
      ), stored AS (
        SELECT c.* FROM candles c JOIN incoming USING (ts) WHERE c.market = ${market} AND c.timeframe = ${timeframe}
      ), written AS (
        INSERT INTO candles AS c (market, timeframe, ts, open, high, low, close, volume, quote_volume)
        SELECT ${market}, ${timeframe}, ts, open, high, low, close, volume, quote_volume FROM incoming
        ON CONFLICT (market, timeframe, ts) DO UPDATE
          SET open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
              volume = excluded.volume, quote_volume = excluded.quote_volume
          WHERE (c.open, c.high, c.low, c.close, c.volume, c.quote_volume)
            IS DISTINCT FROM (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume, excluded.quote_volume)
        RETURNING ts
      ), changes AS (
        SELECT w.ts, s.open, s.high, s.low, s.close, s.volume, s.quote_volume,
               CASE WHEN s.ts IS NOT NULL THEN 'corrected'
                    WHEN w.ts <@ ${coveredBefore}::tstzmultirange THEN 'late' END AS kind
        FROM written w LEFT JOIN stored s USING (ts)
      ), kept AS (
        INSERT INTO candle_revisions (market, timeframe, ts, kind, open, high, low, close, volume, quote_volume)
        SELECT ${market}, ${timeframe}, ts, kind, open, high, low, close, volume, quote_volume
        FROM changes WHERE kind IS NOT NULL
      ), covering AS (
        UPDATE candle_coverage SET covered = covered - ${multirange(unsettled)} + ${multirange(settled)}
        WHERE market = ${market} AND timeframe = ${timeframe}
      ), told AS (
        SELECT pg_notify(${CANDLE_CHANNEL}, json_build_object('market', ${market}::text, 'timeframe', ${timeframe}::text,
          'ts', to_char(max(ts) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text)
        FROM changes WHERE kind IS DISTINCT FROM 'corrected' HAVING count(*) > 0
      )
      SELECT count(*) FILTER (WHERE kind IS DISTINCT FROM 'corrected')::int AS inserted,
             count(*) FILTER (WHERE kind = 'corrected')::int AS corrected,
             count(*) FILTER (WHERE kind = 'late')::int AS late,
             (SELECT count(*) FROM told) AS told
      FROM changes`.execute(trx);
    const counted = rows[0];
    return { inserted: counted?.inserted ?? 0, corrected: counted?.corrected ?? 0, late: counted?.late ?? 0 };
  });
}

/** Stretches as one `tstzmultirange` expression. */
function multirange(ranges: readonly CandleRange[]) {
  const text = ranges.map(({ from, until }) => `[${new Date(from).toISOString()},${new Date(until).toISOString()})`);
  return sql`${`{${text.join(',')}}`}::tstzmultirange`;
}

/** A batch may name a candle twice where two pages meet: the later mention wins, and the order is by time. */
function sortedWithoutRepeats(candles: readonly Candle[]): readonly Candle[] {
  return [...new Map(candles.map((candle) => [candle.ts, candle])).values()].sort((a, b) => a.ts - b.ts);
}

export interface CollectionState {
  /** Open of the newest stored candle, undefined before the first. */
  readonly newestStored: number | undefined;
  /** End of what is covered, exclusive; undefined before the first collection. */
  readonly coveredUntil: number | undefined;
  /** The newest hole between the first and the last covered candle. */
  readonly newestHole: CandleRange | undefined;
}

/** Where collection of a market stands. */
export async function readCollectionState(db: Db, market: Market, timeframe: Timeframe): Promise<CollectionState> {
  const { rows } = await sql<{
    newest: Date | null;
    until: Date | null;
    hole_from: Date | null;
    hole_until: Date | null;
  }>`
    SELECT (SELECT max(ts) FROM candles WHERE market = ${market} AND timeframe = ${timeframe}) AS newest,
           upper(c.covered) AS until, h.hole_from, h.hole_until
    FROM (SELECT coalesce((SELECT covered FROM candle_coverage
                           WHERE market = ${market} AND timeframe = ${timeframe}), '{}') AS covered) c
    LEFT JOIN LATERAL (
      SELECT lower(r) AS hole_from, upper(r) AS hole_until
      FROM unnest(range_merge(c.covered)::tstzmultirange - c.covered) AS r ORDER BY r DESC LIMIT 1
    ) h ON true`.execute(db);
  const found = rows[0];
  return {
    newestStored: found?.newest?.getTime(),
    coveredUntil: found?.until?.getTime(),
    newestHole:
      found?.hole_from && found.hole_until
        ? { from: found.hole_from.getTime(), until: found.hole_until.getTime() }
        : undefined,
  };
}

/** Stretches between the first and the last covered candle that nobody has asked the exchange for, newest first. */
export async function readGaps(db: Db, market: Market, timeframe: Timeframe, limit = 1_000): Promise<CandleRange[]> {
  const { rows } = await sql<{ from: Date; until: Date }>`
    SELECT lower(r) AS from, upper(r) AS until
    FROM candle_coverage c, unnest(range_merge(c.covered)::tstzmultirange - c.covered) AS r
    WHERE c.market = ${market} AND c.timeframe = ${timeframe}
    ORDER BY r DESC LIMIT ${limit}`.execute(db);
  return rows.map((row) => ({ from: row.from.getTime(), until: row.until.getTime() }));
}

/** Stored candles, newest first. */
export async function readCandles(db: Db, query: { market?: Market | undefined; timeframe: Timeframe; limit: number }) {
  return db
    .selectFrom('candles')
    .selectAll()
    .where('timeframe', '=', query.timeframe)
    .$if(query.market !== undefined, (rows) => rows.where('market', '=', query.market as Market))
    .orderBy('ts', 'desc')
    .orderBy('market')
    .limit(query.limit)
    .execute();
}

/** Markets of which at least one page has been collected, by name. */
export async function readCollectedMarkets(db: Db): Promise<Market[]> {
  const rows = await db.selectFrom('candle_coverage').select('market').distinct().orderBy('market').execute();
  return rows.map((row) => row.market as Market);
}

/** The record of one market in one line; names as the command line's JSON has them. */
export interface CandleSummary extends Record<string, unknown> {
  readonly market: string;
  readonly timeframe: string;
  readonly candles: number;
  readonly newest: Date | null;
  readonly close: string | null;
  readonly covered_from: Date | null;
  readonly covered_until: Date | null;
  /** Collected minutes in which nothing was traded: they have no candle. */
  readonly no_trade: number;
  /** Minutes between first and last coverage that nobody has asked the exchange for. */
  readonly missing: number;
  readonly corrected: number;
  readonly late: number;
}

/** How complete the record of each market is. */
export async function summarizeCandles(db: Db): Promise<readonly CandleSummary[]> {
  const { rows } = await sql<CandleSummary>`
    SELECT v.market, v.timeframe, stored.candles, newest.ts AS newest, newest.close,
           lower(v.covered) AS covered_from, upper(v.covered) AS covered_until,
           asked.minutes - stored.candles AS no_trade, holes.missing,
           revised.corrected, revised.late
    FROM candle_coverage v
    CROSS JOIN LATERAL (SELECT count(*)::int AS candles FROM candles c
                        WHERE c.market = v.market AND c.timeframe = v.timeframe) stored
    LEFT JOIN LATERAL (SELECT ts, close FROM candles c WHERE c.market = v.market AND c.timeframe = v.timeframe
                       ORDER BY ts DESC LIMIT 1) newest ON true
    CROSS JOIN LATERAL (SELECT coalesce(sum(extract(epoch FROM upper(r) - lower(r)) / 60), 0)::int AS minutes
                        FROM unnest(v.covered) AS r) asked
    CROSS JOIN LATERAL (SELECT coalesce(sum(extract(epoch FROM upper(r) - lower(r)) / 60), 0)::int AS missing
                        FROM unnest(range_merge(v.covered)::tstzmultirange - v.covered) AS r) holes
    CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE kind = 'corrected')::int AS corrected,
                               count(*) FILTER (WHERE kind = 'late')::int AS late
                        FROM candle_revisions r WHERE r.market = v.market AND r.timeframe = v.timeframe) revised
    ORDER BY v.market`.execute(db);
  return rows;
}
