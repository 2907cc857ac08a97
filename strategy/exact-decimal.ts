import { Decimal } from 'decimal.js';
import type { DecimalText } from './candle.ts';

/**
 * Decimals of the ledger. Sums and products are exact: KRW up to 1e18 with 8 decimals, times coins with 8, times a rate
 * with a handful stays far below 100 digits. Only a division can be inexact, and each says how it rounds.
 */
export const Exact = Decimal.clone({ precision: 100, rounding: Decimal.ROUND_HALF_EVEN });
export type Exact = Decimal;

/** The form the ledger stores: no exponent, no zeros at the end, no negative zero. */
export function decimalText(value: Decimal): DecimalText {
  return value.isZero() ? '0' : value.toFixed();
}
