import { sql } from 'kysely';
import type { Market } from '../config/market.ts';
import { type Timeframe, timeframeMs } from '../config/timeframe.ts';
import type { Candle } from '../strategy/candle.ts';
import type { Db } from './connect.ts';

export interface StoredWindow {
  /** Oldest first; the last is the one asked for, where it is stored at all. */
  readonly candles: readonly Candle[];
  /**
   * Whether the exchange was asked for every minute from the first of them to the close of the one asked for. If not,
   * a missing minute may have had trades, and nothing may be decided from the rest.
   */
  readonly spanned: boolean;
}

/**
 * The last `count` stored candles up to and including the one that opens at `candle`. One walk along the primary key,
 * newest first, and one containment test on the coverage.
 *
 * @param candle UTC epoch milliseconds of market time
 */
export async function readWindow(
  db: Db,
  market: Market,
  timeframe: Timeframe,
  candle: number,
  count: number,
): Promise<StoredWindow> {
  const close = new Date(candle + timeframeMs(timeframe));
  const { rows } = await sql<{
    ts: Date;
    open: string;
    high: string;
    low: string;
    close: string;
    volume: string;
    quote_volume: string;
    spanned: boolean;
  }>`
    WITH newest AS MATERIALIZED (
      SELECT ts, open, high, low, close, volume, quote_volume FROM candles
      WHERE market = ${market} AND timeframe = ${timeframe} AND ts <= ${new Date(candle)}
      ORDER BY ts DESC LIMIT ${count}
    ), coverage AS MATERIALIZED (
      SELECT coalesce((
        SELECT covered @> tstzrange((SELECT min(ts) FROM newest), ${close}) FROM candle_coverage
        WHERE market = ${market} AND timeframe = ${timeframe}), false) AS spanned
    )
    SELECT newest.*, coverage.spanned FROM newest, coverage ORDER BY ts`.execute(db);
  return {
    candles: rows.map(({ ts, quote_volume, spanned: _, ...prices }) => ({
      ts: ts.getTime(),
      ...prices,
      quoteVolume: quote_volume,
    })),
    spanned: rows[0]?.spanned ?? false,
  };
}

/** Whether the closed candle that opens at `candle` is stored. */
export async function candleExists(db: Db, market: Market, timeframe: Timeframe, candle: number): Promise<boolean> {
  const row = await db
    .selectFrom('candles')
    .select('ts')
    .where('market', '=', market)
    .where('timeframe', '=', timeframe)
    .where('ts', '=', new Date(candle))
    .executeTakeFirst();
  return row !== undefined;
}
