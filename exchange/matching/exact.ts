import { Decimal } from 'decimal.js';

/**
 * Decimal numbers for money and quantities. Nothing here divides without rounding explicitly, and 100 digits hold the
 * longest product in use (price × volume × fee rate: 10 + 8 + 8 + 4 digits) and any sum of them, so no digit is lost.
 */
export const Exact = Decimal.clone({ precision: 100, toExpNeg: -100, toExpPos: 100 });

export type { Decimal };

/** Upbit keeps eight decimals of a coin. */
export const VOLUME_DECIMALS = 8;

/** Cuts a coin quantity to the decimals Upbit keeps, never upward. */
export function floorVolume(volume: Decimal): Decimal {
  return volume.toDecimalPlaces(VOLUME_DECIMALS, Decimal.ROUND_DOWN);
}
