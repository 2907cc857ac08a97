/** What the market around the feed's price looks like. Whole numbers, none negative. */
export interface BookShape {
  /** Mean distance between best bid and best ask, in millionths of the price; at least a tick whatever it says. */
  readonly spreadPpm: number;
  /** Mean distance between neighbouring levels of a side, in millionths of the price; at least a tick as well. */
  readonly spacingPpm: number;
  /** Mean worth of the best level, KRW. */
  readonly depthKrw: number;
  /** How much more each further level is worth, in percent of the best one. */
  readonly growthPercent: number;
}

export interface BookParameters extends BookShape {
  /** The same seed, market and trade of the feed give the same book. */
  readonly seed: number;
}

/** Levels a side has at most; since 2025-05-07 Upbit shows thirty and holds market orders against them. */
export const BOOK_LEVELS = 30;

/**
 * Assumed, not measured: half a basis point of spread, thirty levels within 7 basis points of KRW-BTC, ten million won
 * at the best price.
 */
export const USUAL_BOOK: BookShape = {
  spreadPpm: 50,
  spacingPpm: 20,
  depthKrw: 10_000_000,
  growthPercent: 5,
};
