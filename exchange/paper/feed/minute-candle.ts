/** A minute, an hour and a day of market time, in ms. */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** One minute with trades, in the integer units of numbers/scaled.ts. `start` is epoch ms UTC. */
export interface MinuteCandle {
  readonly start: number;
  readonly open: bigint;
  readonly high: bigint;
  readonly low: bigint;
  readonly close: bigint;
  readonly volume: bigint;
  readonly value: bigint;
}

/** Whole minutes of one market, past and future alike; what of it may be seen is the market clock's business. */
export interface CandleSource {
  /** The candle that starts at `start`; undefined for a minute without trades. */
  at(start: number): MinuteCandle | undefined;
  /** Candles that start before `start`, newest first. */
  before(start: number): Iterable<MinuteCandle>;
  /** The earliest instant (epoch ms, on a minute) at which `count` candles have closed; undefined if there never are. */
  closedCountReachedAt(count: number): number | undefined;
  /** End of the last candle (epoch ms); Infinity when the source never ends. */
  readonly end: number;
  /** How long after its close a minute may still come to look different (ms); from then on it is the same for ever. */
  readonly settlesAfterMs: number;
}
