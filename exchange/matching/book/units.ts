import { decimalText, PRICE_DECIMALS } from '../../numbers/scaled.ts';
import { type Decimal, Exact } from '../exact.ts';

/**
 * Prices (KRW) and quantities (coins) of the book are integers of 1e-8, the finest Upbit shows and the unit of the
 * feed. Money stays decimal: its products have up to twenty places.
 */
const UNITS_PER_ONE = new Exact(10).pow(PRICE_DECIMALS);

/** For a price on the tick grid or a quantity of coins: nothing of either is finer than a unit. */
export function unitsOf(amount: Decimal): bigint {
  return BigInt(amount.times(UNITS_PER_ONE).toFixed(0));
}

export function decimalOf(units: bigint): Decimal {
  return new Exact(decimalText(units, PRICE_DECIMALS));
}
