/** A decimal number as text, without exponent: `150803000`, `0.00003137`. Money never passes through a float. */
export type DecimalText = string;

/** One candle. Prices in KRW, volume in coins, quote volume in KRW; at most 8 decimals, Upbit's finest tick. */
export interface Candle {
  /** Open of the candle, UTC epoch milliseconds of market time. */
  readonly ts: number;
  readonly open: DecimalText;
  readonly high: DecimalText;
  readonly low: DecimalText;
  readonly close: DecimalText;
  readonly volume: DecimalText;
  readonly quoteVolume: DecimalText;
}

/** A stretch of candle opens, UTC epoch milliseconds: `from` belongs to it, `until` does not. */
export interface CandleRange {
  readonly from: number;
  readonly until: number;
}

/**
 * The open of the candle that holds `instant`: as of an exchange's clock the one still forming, before which every slot
 * is over.
 *
 * @param instant UTC epoch milliseconds of market time
 */
export function candleOpen(instant: number, lengthMs: number): number {
  return Math.floor(instant / lengthMs) * lengthMs;
}
