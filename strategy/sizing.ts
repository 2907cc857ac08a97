import { Decimal } from 'decimal.js';
import type { DecimalText } from './candle.ts';
import { roundDownToTick, roundUpToTick } from './tick-size.ts';

/**
 * 60 digits, cut and never rounded: the one division here (KRW ≤ 1e18 by a price ≥ 1e-8) has at most 26 digits before
 * the point, so that flooring its result to 8 decimals floors the true quotient.
 */
const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_DOWN });

/** Upbit keeps eight decimals of a coin. */
const VOLUME_DECIMALS = 8;

/** Upbit's smallest order in KRW markets, price × volume. */
const MINIMUM_ORDER_KRW = '5000';

/** Fractions as decimal text. */
export interface SizingParameters {
  /** How far beyond the close the limit may go, so that the order fills at once. */
  readonly aggressiveness: DecimalText;
  /** The exchange's fee. */
  readonly feeRate: DecimalText;
  /** Kept back on top of the fee, so that the funds check never fails by a rounding. */
  readonly feeBuffer: DecimalText;
}

export const DEFAULT_SIZING: SizingParameters = { aggressiveness: '0.0015', feeRate: '0.0005', feeBuffer: '0.0005' };

/** The limit order to send, or why there is none. Price in KRW on the tick grid, volume in coins. */
export type Sizing = SizedOrder | { readonly kind: 'none'; readonly reason: string };

export interface SizedOrder {
  readonly kind: 'order';
  readonly side: 'buy' | 'sell';
  readonly price: DecimalText;
  readonly volume: DecimalText;
}

/**
 * Buys for all of `krw`: limit at close × (1 + aggressiveness) rounded up to the tick; volume = KRW / (price × (1 + fee
 * rate + fee buffer)) floored to 8 decimals.
 *
 * @param close the decided candle's close, KRW
 * @param krw what the market may spend, KRW
 */
export function sizeBuy(close: DecimalText, krw: DecimalText, parameters: SizingParameters = DEFAULT_SIZING): Sizing {
  const { aggressiveness, feeRate, feeBuffer } = parameters;
  const price = roundUpToTick(new Exact(1).plus(aggressiveness).times(close));
  if (!price.gt(0)) return { kind: 'none', reason: `a close of ${close} KRW gives no price to buy at` };
  const perCoin = new Exact(1).plus(feeRate).plus(feeBuffer).times(price);
  return orderOrNone('buy', price, new Exact(krw).div(perCoin), `${krw} KRW`);
}

/**
 * Sells all of `quantity`: limit at close × (1 − aggressiveness) rounded down to the tick; volume floored to 8 decimals.
 *
 * @param close the decided candle's close, KRW
 * @param quantity what the market holds, coins
 */
export function sizeSell(
  close: DecimalText,
  quantity: DecimalText,
  parameters: SizingParameters = DEFAULT_SIZING,
): Sizing {
  const price = roundDownToTick(new Exact(1).minus(parameters.aggressiveness).times(close));
  if (!price.gt(0)) return { kind: 'none', reason: `a close of ${close} KRW gives no price to sell at` };
  return orderOrNone('sell', price, new Exact(quantity), `${quantity} coins`);
}

function orderOrNone(side: 'buy' | 'sell', price: Decimal, coins: Decimal, means: string): Sizing {
  if (coins.isZero()) return { kind: 'none', reason: `nothing to ${side} with` };
  const volume = coins.toDecimalPlaces(VOLUME_DECIMALS, Decimal.ROUND_DOWN);
  const worth = new Exact(price).times(volume);
  if (!worth.gte(MINIMUM_ORDER_KRW)) {
    return {
      kind: 'none',
      reason: `${means} to ${side} with is an order of ${worth.toFixed()} KRW, below the minimum of ${MINIMUM_ORDER_KRW} KRW`,
    };
  }
  return { kind: 'order', side, price: price.toFixed(), volume: volume.toFixed() };
}
