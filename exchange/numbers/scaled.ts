/**
 * Feed numbers are integers: prices in 1e-8 KRW and volumes in 1e-8 coin, the finest Upbit shows, and traded values in
 * 1e-5 KRW as Upbit's candles have them. A minute is then 16 to 40 bytes a number instead of a Decimal's hundred.
 */
export const PRICE_DECIMALS = 8;
export const VOLUME_DECIMALS = 8;
export const VALUE_DECIMALS = 5;

const NUMBER = /^([+-]?)(\d{1,30})(?:\.(\d{0,40}))?(?:[eE]([+-]?\d{1,2}))?$/;

/** The number in `text` in units of 10^-decimals, rounded half up where it is finer; undefined when it is no number. */
export function parseScaled(text: string, decimals: number): bigint | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const shift = decimals + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : divideHalfUp(digits, 10n ** BigInt(-shift));
  return sign === '-' ? -scaled : scaled;
}

/** For non-negative numbers. */
function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend * 2n + divisor) / (divisor * 2n);
}

/** The exact decimal text of a non-negative scaled number: `150803000`, `0.00001033`. */
export function decimalText(scaled: bigint, decimals: number): string {
  const digits = scaled.toString().padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -decimals) : `${digits.slice(0, -decimals)}.${fraction}`;
}

/** price × volume in value units, rounded half up. */
export function tradedValue(price: bigint, volume: bigint): bigint {
  return divideHalfUp(price * volume, 10n ** BigInt(PRICE_DECIMALS + VOLUME_DECIMALS - VALUE_DECIMALS));
}

/** Math.max for bigints. */
export function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Math.min for bigints. */
export function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
