import type { Candle, DecimalText } from './candle.ts';

/** What a strategy sees of a candle: OHLCV. */
export type Bar = Pick<Candle, 'ts' | 'open' | 'high' | 'low' | 'close' | 'volume'>;

/** Decimals of volumes: Upbit keeps eight of a coin. */
const VOLUME_DECIMALS = 8;

/**
 * Largest scaled price. Prices are integers held in doubles, exact up to 2^53 ≈ 9.007e15; a strategy may multiply one
 * by up to 1000 (scalping does; swing's larger sum is 20·5 = 100 times a price) and lose nothing. The limit is 9.0e12,
 * or 150,803,000 KRW with four decimals. Upbit's grid gives a price at most six significant digits below 1,000,000 KRW
 * and whole thousands above, so that no market comes near it. Bigints would need no limit, but summing them takes six
 * to ten times as long (200 closes: 1.6 µs against 0.15 to 0.3 µs) and a search does little else.
 */
export const MAX_SCALED_PRICE = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

/**
 * Bars of one market as columns, oldest first. All prices are integers in units of 10^-`decimals` KRW, `decimals`
 * being the fewest that hold every price given. Signals compare prices with one another only, so that the unit, and
 * with it whether one window or a year was scaled together, changes no decision.
 */
export interface BarSeries {
  readonly length: number;
  readonly decimals: number;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** In 1e-8 coin: a minute of a cheap coin trades more of these than a double can count. */
  readonly volume: readonly bigint[];
}

/**
 * Scales candles for the strategies: once per decision, or once per market for a backtest.
 *
 * @param bars closed candles, oldest first; a minute without trades has none.
 * @throws {RangeError} naming the field and its value when a number is no plain decimal, has too many digits, or a
 *   candle is not newer than the one before it (a list newest first, as exchanges give it).
 */
export function barSeries(bars: readonly Bar[]): BarSeries {
  const decimals = bars.reduce((most, bar, index) => {
    const previous = bars[index - 1];
    if (previous !== undefined && previous.ts >= bar.ts) {
      throw new RangeError(`bars must be oldest first: ts ${bar.ts} follows ${previous.ts}`);
    }
    return Math.max(most, decimalsOf(bar.open), decimalsOf(bar.high), decimalsOf(bar.low), decimalsOf(bar.close));
  }, 0);
  const column = (field: 'open' | 'high' | 'low' | 'close') =>
    Float64Array.from(bars, (bar) => scaledPrice(field, bar[field], decimals));

  return {
    length: bars.length,
    decimals,
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: bars.map((bar) => BigInt(digitsOf('volume', bar.volume, VOLUME_DECIMALS))),
  };
}

function scaledPrice(field: string, text: DecimalText, decimals: number): number {
  const scaled = Number(digitsOf(field, text, decimals));
  if (scaled > MAX_SCALED_PRICE) {
    throw new RangeError(`${field} ${text} with ${decimals} decimals has too many digits to compute with exactly`);
  }
  return scaled;
}

/** Digits behind the point that say something: `0` of `150803000.00`. */
function decimalsOf(text: DecimalText): number {
  const point = text.indexOf('.');
  if (point < 0) return 0;
  let end = text.length;
  while (text[end - 1] === '0') end -= 1;
  return end - point - 1;
}

/** The digits of a non-negative decimal in units of 10^-decimals. */
function digitsOf(field: string, text: DecimalText, decimals: number): string {
  const [whole = '', fraction = ''] = text.split('.');
  if (!/^\d+(\.\d+)?$/.test(text)) throw new RangeError(`${field} "${text}" is not a decimal number`);
  if (decimalsOf(text) > decimals) throw new RangeError(`${field} ${text} has more than ${decimals} decimals`);
  return whole + fraction.slice(0, decimals).padEnd(decimals, '0');
}
