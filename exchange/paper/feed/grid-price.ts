import { tickSize } from '../../../strategy/tick-size.ts';
import { decimalText, PRICE_DECIMALS, parseScaled } from './scaled.ts';

/** Puts a feed price (1e-8 KRW) on Upbit's grid: to the nearest step, or never above or below what was given. */
export function gridPrice(price: bigint, direction: 'nearest' | 'up' | 'down' = 'nearest'): bigint {
  const tick = tickOf(price);
  const down = (price / tick) * tick;
  if (direction === 'down' || down === price) return down;
  return direction === 'up' || (price - down) * 2n >= tick ? down + tick : down;
}

/** The step at a feed price, in the same unit. */
function tickOf(price: bigint): bigint {
  return parseScaled(tickSize(decimalText(price, PRICE_DECIMALS)).toFixed(), PRICE_DECIMALS) ?? 1n;
}
