import { Decimal } from 'decimal.js';

/** Wide enough that dividing any price by a tick stays exact. */
const Exact = Decimal.clone({ precision: 60 });

/** Upbit's KRW price steps, in force since 2025-07-31: from this price on (inclusive, KRW), this step (KRW). */
const KRW_TICKS: readonly (readonly [from: string, tick: string])[] = [
  ['1000000', '1000'],
  ['500000', '500'],
  ['100000', '100'],
  ['50000', '50'],
  ['10000', '10'],
  ['5000', '5'],
  ['100', '1'],
  ['10', '0.1'],
  ['1', '0.01'],
  ['0.1', '0.001'],
  ['0.01', '0.0001'],
  ['0.001', '0.00001'],
  ['0.0001', '0.000001'],
  ['0.00001', '0.0000001'],
];
const BANDS = KRW_TICKS.map(([from, tick]) => ({ from: new Exact(from), tick: new Exact(tick) }));
const SMALLEST_TICK = new Exact('0.00000001');

/** The price step in KRW that holds at `price` (KRW). */
export function tickSize(price: Decimal.Value): Decimal {
  const exact = new Exact(price);
  return BANDS.find((band) => exact.gte(band.from))?.tick ?? SMALLEST_TICK;
}

/** The lowest price on the grid that is not below `price` (KRW). */
export function roundUpToTick(price: Decimal.Value): Decimal {
  return new Exact(price).toNearest(tickSize(price), Decimal.ROUND_CEIL);
}

/** The highest price on the grid that is not above `price` (KRW). */
export function roundDownToTick(price: Decimal.Value): Decimal {
  return new Exact(price).toNearest(tickSize(price), Decimal.ROUND_FLOOR);
}

/** Whether Upbit would take an order at `price` (KRW) without `invalid_price_bid` or `invalid_price_ask`. */
export function isOnTick(price: Decimal.Value): boolean {
  return new Exact(price).mod(tickSize(price)).isZero();
}
