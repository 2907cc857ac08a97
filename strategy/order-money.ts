import type { DecimalText } from './candle.ts';
import { decimalText, Exact } from './exact-decimal.ts';
import {
  addToHoldings,
  applyBuyFill,
  applySellFill,
  EMPTY_HOLDINGS,
  type FillFigures,
  feeDifferenceChange,
  type Holdings,
  shareOf,
} from './position.ts';

export type OrderSide = 'bid' | 'ask';

/** Cash (KRW) and coins kept for orders that are not finished. */
export interface Reserved {
  readonly cash: DecimalText;
  readonly quantity: DecimalText;
}

/** All that one order's events may change. */
export interface OrderMoney {
  /** What the market's sub-account owns, reserved or not. */
  readonly holdings: Holdings;
  /** Reserved by all orders of the market, this one included. */
  readonly reserved: Reserved;
  /** Of that, this order's part. */
  readonly own: Reserved;
}

/** What an order can take at most: a bid its limit price and the fee, an ask its coins (its fee comes off the proceeds). */
export function reservationOf(order: {
  readonly side: OrderSide;
  readonly price: DecimalText;
  readonly quantity: DecimalText;
  readonly feeRate: DecimalText;
}): Reserved {
  if (order.side === 'ask') return { cash: '0', quantity: order.quantity };
  const withFee = new Exact(1).plus(order.feeRate);
  return { cash: decimalText(new Exact(order.price).times(order.quantity).times(withFee)), quantity: '0' };
}

/** Reserves `wanted` as far as it is free. */
export function reserveWhatIsFree(money: OrderMoney, wanted: Reserved): OrderMoney {
  const { holdings, reserved } = money;
  const part = (name: keyof Reserved) =>
    decimalText(Exact.min(wanted[name], new Exact(holdings[name]).minus(reserved[name])));
  return changeReservation(money, { cash: part('cash'), quantity: part('quantity') }, 1);
}

/** Gives back what the order still holds. */
export function release(money: OrderMoney): OrderMoney {
  return changeReservation(money, money.own, -1);
}

/** The state after an event, and what had to be put in from outside the sub-account before it, if anything. */
export interface Paid {
  readonly money: OrderMoney;
  /**
   * Only an order found after its reservation was given back can need it: the exchange took money or coins the market
   * no longer has. It is recorded as an adjustment, so that nothing goes below zero and nothing is hidden.
   */
  readonly cover: Holdings | undefined;
}

/**
 * Books one fill: from the order's reservation first, then from what is free in its market. The reservation shrinks by
 * what was paid, as the exchange's lock does; what a better price saved stays reserved until the order ends.
 */
export function payFill(side: OrderSide, money: OrderMoney, fill: FillFigures): Paid {
  if (side === 'bid') {
    const { money: able, cover } = withCash(money, new Exact(fill.funds).plus(fill.fee));
    return { money: { ...able, holdings: applyBuyFill(able.holdings, fill) }, cover };
  }
  const { money: able, cover } = withCoins(money, fill);
  return { money: { ...able, holdings: applySellFill(able.holdings, fill) }, cover };
}

/**
 * Books what the exchange took in fees beyond the sum of the fills' fees (gave back, when negative).
 *
 * @returns besides the new state the change to record
 */
export function payFeeDifference(
  side: OrderSide,
  money: OrderMoney,
  difference: DecimalText,
): Paid & { readonly change: Holdings } {
  const { money: able, cover } = withCash(money, Exact.max(0, difference));
  const change = feeDifferenceChange(able.holdings, side, difference);
  return { money: { ...able, holdings: addToHoldings(able.holdings, change) }, cover, change };
}

/** Frees `need` KRW for paying; whatever is missing is covered. */
function withCash(money: OrderMoney, need: Exact): Paid {
  const { missing, used } = take(money, 'cash', need);
  const cover = missing.gt(0) ? { ...EMPTY_HOLDINGS, cash: decimalText(missing) } : undefined;
  return covered(changeReservation(money, { cash: decimalText(used), quantity: '0' }, -1), cover);
}

/**
 * Frees the coins a fill sold. Missing ones are covered at what they were sold for, so that selling coins which are not
 * the market's never counts as its profit.
 */
function withCoins(money: OrderMoney, fill: FillFigures): Paid {
  const { missing, used } = take(money, 'quantity', new Exact(fill.quantity));
  const cost = shareOf(new Exact(fill.funds).minus(fill.fee), missing, new Exact(fill.quantity));
  const cover = missing.gt(0) ? { ...EMPTY_HOLDINGS, quantity: decimalText(missing), cost } : undefined;
  return covered(changeReservation(money, { cash: '0', quantity: decimalText(used) }, -1), cover);
}

function take({ holdings, reserved, own }: OrderMoney, name: keyof Reserved, need: Exact) {
  const available = new Exact(holdings[name]).minus(reserved[name]).plus(own[name]);
  return { missing: Exact.max(0, need.minus(available)), used: Exact.min(own[name], need) };
}

function covered(money: OrderMoney, cover: Holdings | undefined): Paid {
  return { money: cover ? { ...money, holdings: addToHoldings(money.holdings, cover) } : money, cover };
}

function changeReservation(money: OrderMoney, by: Reserved, sign: 1 | -1): OrderMoney {
  const moved = (from: Reserved): Reserved => ({
    cash: decimalText(new Exact(by.cash).times(sign).plus(from.cash)),
    quantity: decimalText(new Exact(by.quantity).times(sign).plus(from.quantity)),
  });
  return { ...money, reserved: moved(money.reserved), own: moved(money.own) };
}
