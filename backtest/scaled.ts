import type { DecimalText } from '../strategy/candle.ts';
import { decimalText, Exact } from '../strategy/exact-decimal.ts';

/**
 * Money as bigints. Prices (KRW), coins and rates are integers of 1e-8, Upbit's finest; won are integers of 1e-24, so
 * that price × coins × (1 + rate) is a whole number of them and nothing but the division in a purchase ever rounds.
 */
export const UNIT_DECIMALS = 8;
export const UNIT = 10n ** BigInt(UNIT_DECIMALS);
export const KRW_DECIMALS = 3 * UNIT_DECIMALS;
export const KRW = 10n ** BigInt(KRW_DECIMALS);

/**
 * @param field what it is, for the message
 * @throws {RangeError} when the text has more decimals than that, or is no decimal number
 */
export function toScaled(field: string, text: DecimalText, decimals: number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+?)0*)?$/.exec(text);
  const [, sign = '', whole = '', fraction = ''] = match ?? [];
  if (match === null || (fraction !== '0' && fraction.length > decimals)) {
    throw new RangeError(`${field} ${JSON.stringify(text)} is not a decimal number with at most ${decimals} decimals`);
  }
  return BigInt(`${sign}${whole}${fraction.padEnd(decimals, '0').slice(0, decimals)}`);
}

/** The exact decimal: no exponent, no zeros at the end. */
export function fromScaled(value: bigint, decimals: number): DecimalText {
  return decimalText(new Exact(value.toString()).div(new Exact(10).pow(decimals)));
}
