import type { Decimal } from './exact.ts';
import type { Side } from './order.ts';

/** What stands in the book at one price; `volume` in coins, undefined when there is no end to it. */
export interface Level {
  readonly price: Decimal;
  readonly volume?: Decimal;
}

/** The opposite side an arriving order can take, best price first. */
export interface Liquidity {
  /** Prices a bid can buy at, cheapest first. */
  readonly asks: readonly Level[];
  /** Prices an ask can sell at, dearest first. */
  readonly bids: readonly Level[];
}

/** Everything at one price without end: the first assumption of the paper exchange, and of a backtest on closes. */
export function endlessAt(price: Decimal): Liquidity {
  return { asks: [{ price }], bids: [{ price }] };
}

export function oppositeOf(liquidity: Liquidity, side: Side): readonly Level[] {
  return side === 'bid' ? liquidity.asks : liquidity.bids;
}

/** Whether an order of `side` with this limit would trade at `price` (both KRW). */
export function crosses(side: Side, limit: Decimal, price: Decimal): boolean {
  return side === 'bid' ? price.lte(limit) : price.gte(limit);
}
