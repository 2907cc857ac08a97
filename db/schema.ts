import type { ColumnType, Generated } from 'kysely';

/** `numeric`: text both ways, so that no figure passes through a float. */
type Numeric = ColumnType<string, string, string>;
/** `timestamptz`: read as a Date, written as a Date or ISO 8601 text. */
type Instant = ColumnType<Date, Date | string, Date | string>;

export interface CandlesTable {
  market: string;
  timeframe: string;
  /** Open of the candle, UTC. */
  ts: Instant;
  open: Numeric;
  high: Numeric;
  low: Numeric;
  close: Numeric;
  volume: Numeric;
  quote_volume: Numeric;
}

/** What a candle said before the exchange corrected it, or that it appeared after its minute counted as empty. */
export interface CandleRevisionsTable {
  id: Generated<string>;
  market: string;
  timeframe: string;
  ts: Instant;
  kind: 'corrected' | 'late';
  /** The figures that were replaced; null for a late candle, which replaced nothing. */
  open: Numeric | null;
  high: Numeric | null;
  low: Numeric | null;
  close: Numeric | null;
  volume: Numeric | null;
  quote_volume: Numeric | null;
  noticed_at: Generated<Date>;
}

export interface CandleCoverageTable {
  market: string;
  timeframe: string;
  /** `tstzmultirange` of candle opens for which the exchange was asked and answered. */
  covered: string;
}

/** The whole database, one entry per table. A test holds it against a migrated database. */
export interface Database {
  candles: CandlesTable;
  candle_revisions: CandleRevisionsTable;
  candle_coverage: CandleCoverageTable;
}
