import { type Selectable, sql } from 'kysely';
import type { Market } from '../config/market.ts';
import { type Timeframe, timeframeMs } from '../config/timeframe.ts';
import type { CandleRange, DecimalText } from '../strategy/candle.ts';
import type { Db } from './connect.ts';
import type { OptimizerResultsTable } from './schema.ts';

/** A recorded search result, columns as the table names them. */
export type OptimizerResult = Selectable<OptimizerResultsTable>;

/** The newest stretch of stored candles without a minute that nobody has asked the exchange for. */
export interface SearchableWindow extends CandleRange {
  readonly candles: number;
  /** What kept it from reaching further back; null where it is as long as was asked for, or nothing is before it. */
  readonly gapBefore: CandleRange | null;
}

/**
 * @param most candles at most, the newest
 * @returns undefined where no candle is stored
 */
export async function readSearchableWindow(
  db: Db,
  market: Market,
  timeframe: Timeframe,
  most: number,
): Promise<SearchableWindow | undefined> {
  const { rows } = await sql<{
    from: Date | null;
    newest: Date | null;
    candles: number;
    gap_from: Date | null;
    gap_until: Date;
  }>`
    WITH coverage AS (
      SELECT r, lag(r) OVER (ORDER BY r) AS earlier
      FROM candle_coverage, unnest(covered) AS r
      WHERE market = ${market} AND timeframe = ${timeframe} ORDER BY r DESC LIMIT 1
    ), newest AS (
      SELECT ts FROM candles, coverage
      WHERE market = ${market} AND timeframe = ${timeframe} AND ts >= lower(r) AND ts < upper(r)
      ORDER BY ts DESC LIMIT ${most}
    )
    SELECT min(ts) AS from, max(ts) AS newest, count(*)::int AS candles,
           (SELECT upper(earlier) FROM coverage) AS gap_from, (SELECT lower(r) FROM coverage) AS gap_until
    FROM newest`.execute(db);
  const found = rows[0];
  if (!found?.from || !found.newest) return undefined;
  const cut = found.candles < most && found.gap_from !== null;
  return {
    from: found.from.getTime(),
    until: found.newest.getTime() + timeframeMs(timeframe),
    candles: found.candles,
    gapBefore: cut && found.gap_from ? { from: found.gap_from.getTime(), until: found.gap_until.getTime() } : null,
  };
}

/** What makes a search the same search. */
export interface SearchKey {
  readonly market: Market;
  readonly timeframe: Timeframe;
  /** Close of the last candle, UTC epoch milliseconds of market time. */
  readonly until: number;
  readonly space: string;
}

export interface NewOptimizerResult extends SearchKey {
  /** Open of the first candle, UTC epoch milliseconds of market time. */
  readonly from: number;
  readonly candles: number;
  readonly decided: number;
  readonly emptyMinutes: number;
  readonly gapBefore: CandleRange | null;
  readonly candidates: number;
  readonly costs: Readonly<Record<string, DecimalText>>;
  readonly params: OptimizerResult['params'];
  readonly metrics: OptimizerResult['metrics'];
}

/** The best of a search that was recorded before. */
export async function findResult(db: Db, { market, timeframe, until, space }: SearchKey): Promise<string | undefined> {
  const row = await db
    .selectFrom('optimizer_results')
    .select('id')
    .where('market', '=', market)
    .where('timeframe', '=', timeframe)
    .where('window_until', '=', new Date(until))
    .where('space', '=', space)
    .where('is_best', '=', true)
    .executeTakeFirst();
  return row?.id;
}

/**
 * Records the best of a search unless it is there already.
 *
 * @returns its id, whoever recorded it
 */
export async function insertResult(db: Db, result: NewOptimizerResult): Promise<string> {
  const { gapBefore: gap } = result;
  await db
    .insertInto('optimizer_results')
    .values({
      market: result.market,
      timeframe: result.timeframe,
      window_from: new Date(result.from),
      window_until: new Date(result.until),
      candles: result.candles,
      decided: result.decided,
      empty_minutes: result.emptyMinutes,
      gap_before: gap && `[${new Date(gap.from).toISOString()},${new Date(gap.until).toISOString()})`,
      space: result.space,
      candidates: result.candidates,
      costs: JSON.stringify(result.costs),
      params: JSON.stringify(result.params),
      metrics: JSON.stringify(result.metrics),
      out_of_sample: null,
      is_best: true,
    })
    .onConflict((conflict) =>
      conflict.columns(['market', 'timeframe', 'window_until', 'space']).where('is_best', '=', true).doNothing(),
    )
    .execute();
  const id = await findResult(db, result);
  if (id === undefined) throw new Error('a result is there but cannot be read; is this a snapshot transaction?');
  return id;
}

export async function readResult(db: Db, id: string): Promise<OptimizerResult | undefined> {
  return db.selectFrom('optimizer_results').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Newest first. */
export async function readResults(
  db: Db,
  query: { readonly market?: Market | undefined; readonly limit: number },
): Promise<readonly OptimizerResult[]> {
  return db
    .selectFrom('optimizer_results')
    .selectAll()
    .$if(query.market !== undefined, (rows) => rows.where('market', '=', query.market as Market))
    .orderBy('id', 'desc')
    .limit(query.limit)
    .execute();
}
