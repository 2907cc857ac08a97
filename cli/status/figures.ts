import { Decimal } from 'decimal.js';
import { grouped } from '../output.ts';

/** Digits worth reading of a price or a number of coins. */
const DIGITS = 8;

/** KRW in whole won: `9,997,615`. Money below a won is in the JSON. */
export function won(krw: string | null): string {
  return krw === null ? '?' : grouped(new Decimal(krw).toFixed(0).replace(/^-0$/, '0'));
}

/** The same with its sign, for what was won or lost: `+1,234`. */
export function signedWon(krw: string | null): string {
  const text = won(krw);
  return /^[-?]|^0$/.test(text) ? text : `+${text}`;
}

/** KRW for a coin, with as many decimals as the eye can use: `149,185,000`, `1,234.5678`, `0.01234567`. */
export function price(krw: string | null): string {
  if (krw === null) return '';
  const exact = new Decimal(krw);
  const whole = exact.abs().trunc().toFixed().length;
  return grouped(exact.toDecimalPlaces(Math.max(0, DIGITS - whole)).toFixed());
}

/** Coins: all decimals below one, as many as the eye can use above it: `0.02225968`, `850.81149`. */
export function coins(quantity: string): string {
  const exact = new Decimal(quantity);
  return exact.abs().lt(1) ? exact.toFixed() : price(quantity);
}

/** A fraction as a share: `0.0333` as `3.3 %`. */
export function share(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}

/** A fraction won or lost: `0.00123` as `+0.12 %`. */
export function signedShare(fraction: string): string {
  const percent = new Decimal(fraction).times(100).toFixed(2);
  return `${percent.startsWith('-') || /^0\.00$/.test(percent) ? '' : '+'}${percent.replace(/^-0\.00$/, '0.00')} %`;
}
