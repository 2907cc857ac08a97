import { sql } from 'kysely';
import type { Market } from '../config/market.ts';
import type { Timeframe } from '../config/timeframe.ts';
import type { Candle } from '../strategy/candle.ts';
import type { Db } from './connect.ts';

/**
 * How many of `candles` are not stored exactly so: absent, or with another figure. Zero is what a run must show for
 * the candles the exchange says have closed.
 */
export async function countCandlesNotStored(
  db: Db,
  market: Market,
  timeframe: Timeframe,
  candles: readonly Candle[],
): Promise<number> {
  const column = (name: Exclude<keyof Candle, 'ts'>) => candles.map((candle) => candle[name]);
  const { rows } = await sql<{ missing: number }>`
    SELECT count(*)::int AS missing
    FROM unnest(
      ${candles.map((candle) => new Date(candle.ts).toISOString())}::timestamptz[],
      ${column('open')}::numeric[], ${column('high')}::numeric[], ${column('low')}::numeric[],
      ${column('close')}::numeric[], ${column('volume')}::numeric[], ${column('quoteVolume')}::numeric[]
    ) AS t (ts, open, high, low, close, volume, quote_volume)
    WHERE NOT EXISTS (
      SELECT FROM candles c
      WHERE c.market = ${market} AND c.timeframe = ${timeframe} AND c.ts = t.ts
        AND (c.open, c.high, c.low, c.close, c.volume, c.quote_volume)
          = (t.open, t.high, t.low, t.close, t.volume, t.quote_volume)
    )`.execute(db);
  return rows[0]?.missing ?? 0;
}
