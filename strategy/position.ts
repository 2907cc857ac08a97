import type { DecimalText } from './candle.ts';
import { decimalText, Exact } from './exact-decimal.ts';

/** What a market's sub-account owns. Trades keep cash + cost − realised profit the same to the last digit. */
export interface Holdings {
  /** KRW. */
  readonly cash: DecimalText;
  /** Coins. */
  readonly quantity: DecimalText;
  /** What the coins held were bought for, fees included, KRW. */
  readonly cost: DecimalText;
  /** Proceeds after fees less the cost of what was sold, over all sales so far, KRW. */
  readonly realisedProfit: DecimalText;
}

export const EMPTY_HOLDINGS: Holdings = { cash: '0', quantity: '0', cost: '0', realisedProfit: '0' };

/** The figures of one fill: coins, KRW before the fee, and the fee in KRW. */
export interface FillFigures {
  readonly quantity: DecimalText;
  readonly funds: DecimalText;
  readonly fee: DecimalText;
}

/** Decimals (of a won) to which shares of a cost are cut. */
const COST_DECIMALS = 8;

/**
 * The part of `total` won that belongs to `part` of `whole` coins, cut to {@link COST_DECIMALS}. A fixed place, so that
 * replaying the same fills gives the same to the last digit; cut and not rounded, because a total with more digits than
 * that would otherwise be exceeded by one of its parts (1.9 of 2 coins that cost 0.000000016 would take 0.00000002).
 */
export function shareOf(total: Exact, part: Exact, whole: Exact): DecimalText {
  return decimalText(total.times(part).div(whole).toDecimalPlaces(COST_DECIMALS, Exact.ROUND_DOWN));
}

/** The fee of a fill, exact. Upbit gives none per fill, only the order's sum. */
export function feeOf(funds: DecimalText, rate: DecimalText): DecimalText {
  return decimalText(new Exact(funds).times(rate));
}

/** Pays funds and fee from the cash; the cost of the coins includes the fee. */
export function applyBuyFill(held: Holdings, fill: FillFigures): Holdings {
  const paid = new Exact(fill.funds).plus(fill.fee);
  return addToHoldings(held, {
    ...EMPTY_HOLDINGS,
    cash: decimalText(paid.negated()),
    quantity: fill.quantity,
    cost: decimalText(paid),
  });
}

/**
 * Takes the coins' share of the cost with them; the proceeds less the fee become cash, less that share profit.
 *
 * @throws {RangeError} when more is sold than is held
 */
export function applySellFill(held: Holdings, fill: FillFigures): Holdings {
  const cost = costOf(held, fill.quantity);
  const received = new Exact(fill.funds).minus(fill.fee);
  return addToHoldings(held, {
    cash: decimalText(received),
    quantity: decimalText(new Exact(fill.quantity).negated()),
    cost: decimalText(new Exact(cost).negated()),
    realisedProfit: decimalText(received.minus(cost)),
  });
}

/**
 * The share of the cost that belongs to `quantity` of the coins held; all of it for all of them, exactly. What cutting
 * leaves of a share goes with the coins that are left.
 *
 * @throws {RangeError} when more is asked for than is held
 */
export function costOf(held: Holdings, quantity: DecimalText): DecimalText {
  const part = new Exact(quantity);
  if (part.gt(held.quantity)) throw new RangeError(`${quantity} coins are more than the ${held.quantity} held`);
  if (part.eq(held.quantity)) return held.cost;
  return shareOf(new Exact(held.cost), part, new Exact(held.quantity));
}

/** Cost per coin held, fees included, rounded to {@link COST_DECIMALS}; `0` without coins. For show and for votes. */
export function averageCost(held: Holdings): DecimalText {
  if (new Exact(held.quantity).isZero()) return '0';
  return decimalText(new Exact(held.cost).div(held.quantity).toDecimalPlaces(COST_DECIMALS));
}

/**
 * What changes when the exchange took `difference` KRW more fee than the fills' fees add up to (less, when negative): a
 * purchase cost that much more, as far as its coins are still held; a sale earned that much less.
 */
export function feeDifferenceChange(held: Holdings, side: 'bid' | 'ask', difference: DecimalText): Holdings {
  const less = new Exact(difference).negated();
  const stillHeld = side === 'bid' && new Exact(held.quantity).gt(0);
  const cost = stillHeld ? Exact.max(difference, new Exact(held.cost).negated()) : new Exact(0);
  return {
    cash: decimalText(less),
    quantity: '0',
    cost: decimalText(cost),
    realisedProfit: decimalText(less.plus(cost)),
  };
}

/** Figure by figure. */
export function addToHoldings(held: Holdings, change: Holdings): Holdings {
  const sum = (name: keyof Holdings) => decimalText(new Exact(held[name]).plus(change[name]));
  return { cash: sum('cash'), quantity: sum('quantity'), cost: sum('cost'), realisedProfit: sum('realisedProfit') };
}
