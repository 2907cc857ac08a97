import { type Kysely, sql } from 'kysely';

/** The record of candles: what they say, what they said before, and which minutes have been asked for at all. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE candles (
      market       text        NOT NULL,
      timeframe    text        NOT NULL,
      ts           timestamptz NOT NULL,
      open         numeric     NOT NULL CHECK (open > 0),
      high         numeric     NOT NULL,
      low          numeric     NOT NULL CHECK (low > 0),
      close        numeric     NOT NULL CHECK (close > 0),
      volume       numeric     NOT NULL CHECK (volume >= 0),
      quote_volume numeric     NOT NULL CHECK (quote_volume >= 0),
      PRIMARY KEY (market, timeframe, ts),
      CONSTRAINT candles_high_is_highest CHECK (high >= greatest(open, low, close)),
      CONSTRAINT candles_low_is_lowest   CHECK (low <= least(open, high, close))
    )`.execute(db);
  await sql`
    CREATE TABLE candle_revisions (
      id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      market       text        NOT NULL,
      timeframe    text        NOT NULL,
      ts           timestamptz NOT NULL,
      kind         text        NOT NULL CHECK (kind IN ('corrected', 'late')),
      open         numeric,
      high         numeric,
      low          numeric,
      close        numeric,
      volume       numeric,
      quote_volume numeric,
      noticed_at   timestamptz NOT NULL DEFAULT now()
    )`.execute(db);
  await sql`CREATE INDEX candle_revisions_by_candle ON candle_revisions (market, timeframe, ts)`.execute(db);
  await sql`
    CREATE TABLE candle_coverage (
      market    text           NOT NULL,
      timeframe text           NOT NULL,
      covered   tstzmultirange NOT NULL DEFAULT '{}',
      PRIMARY KEY (market, timeframe)
    )`.execute(db);
}
