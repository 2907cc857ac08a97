import type { DecimalText } from './candle.ts';

/**
 * Weights, thresholds and scores are integers in units of 0.0001: sums of them are exact, where 0.1 + 0.2 ≥ 0.3 as
 * doubles would only be so by luck.
 */
export type TenThousandths = number;

export const ONE: TenThousandths = 10_000;

/**
 * Reads `0.15`, `"0.15"` or `"0.1500"` as 1500.
 *
 * @returns undefined when it is no plain decimal, is finer than 0.0001 or lies outside -1000 to 1000.
 */
export function parseTenThousandths(value: DecimalText | number): TenThousandths | undefined {
  const match = /^(-?)(\d{1,4})(?:\.(\d{1,4})0*)?$/.exec(String(value));
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = ''] = match;
  const units = Number(whole + fraction.padEnd(4, '0'));
  if (units > 1000 * ONE) return undefined;
  return sign === '-' && units > 0 ? -units : units;
}

/** Decimal text with four decimals, the form decisions are stored in: `-0.3500`. */
export function formatTenThousandths(units: TenThousandths): DecimalText {
  const digits = String(Math.abs(units)).padStart(5, '0');
  return `${units < 0 ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}
