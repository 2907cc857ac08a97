import { UserError } from '../../config/user-error.ts';
import type { DecimalText } from '../../strategy/candle.ts';
import { decimalText, Exact } from '../../strategy/exact-decimal.ts';

/** Upbit trades coins in steps of 1e-8, and gives a won no more places where people enter one. */
const DECIMALS = 8;
const WHOLE_DIGITS = 15;

/** KRW as typed, below zero too. @throws {UserError} naming what is wrong with it */
export function krwAmount(text: string): DecimalText {
  return amount(text, 'KRW', '1000000');
}

/** KRW other than zero. @throws {UserError} */
export function nonZeroKrw(text: string): DecimalText {
  return nonZero(krwAmount(text), 'KRW');
}

/** KRW that are not below zero. @throws {UserError} */
export function krwNotBelowZero(text: string): DecimalText {
  const krw = krwAmount(text);
  if (new Exact(krw).lt(0)) throw new UserError('must not be below 0', 2);
  return krw;
}

/** Coins other than zero, below it too. @throws {UserError} */
export function nonZeroCoins(text: string): DecimalText {
  return nonZero(amount(text, 'coins', '0.25'), 'coins');
}

/** Coins above zero. @throws {UserError} */
export function coinsAboveZero(text: string): DecimalText {
  const coins = amount(text, 'coins', '0.25');
  if (!new Exact(coins).gt(0)) throw new UserError('must be above 0 coins', 2);
  return coins;
}

function nonZero(value: DecimalText, unit: string): DecimalText {
  if (value === '0') throw new UserError(`must not be 0 ${unit}: nothing would move`, 2);
  return value;
}

function amount(text: string, unit: string, example: string): DecimalText {
  const [, whole, fraction = ''] = /^-?(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined) {
    throw new UserError(`must be a decimal number of ${unit} like ${example}, without separators or unit`, 2);
  }
  if (fraction.length > DECIMALS) {
    throw new UserError(`has ${fraction.length} decimals; ${unit} are given with ${DECIMALS} at most`, 2);
  }
  if (whole.length > WHOLE_DIGITS) {
    throw new UserError(`has ${whole.length} digits before the point; ${WHOLE_DIGITS} at most`, 2);
  }
  return decimalText(new Exact(text));
}
