import type { Print } from '../matching/book/background.ts';
import { matchPrint } from '../matching/book/match-print.ts';
import type { BookParameters } from '../matching/book/parameters.ts';
import { submitToBook } from '../matching/book/submit.ts';
import { decimalOf } from '../matching/book/units.ts';
import type { LedgerEvent } from '../matching/events.ts';
import type { Decimal } from '../matching/exact.ts';
import type { Ledger } from '../matching/ledger.ts';
import { endlessAt } from '../matching/liquidity.ts';
import type { OrderRequest } from '../matching/order.ts';
import { type Submission, submitOrder } from '../matching/submit.ts';
import { matchTrade } from '../matching/trade.ts';

/** How orders meet the market. Decides and changes nothing. */
export interface OrderMatching {
  /** What becomes of an order that arrives at `at` (epoch ms of market time), after `last`, the newest trade. */
  submit(ledger: Ledger, request: OrderRequest, last: Print, at: number): Submission;
  /** What a trade of the feed does to resting orders. */
  match(ledger: Ledger, print: Print): LedgerEvent[];
}

interface Terms {
  /** Fraction of the funds, for both sides. */
  readonly feeRate: Decimal;
  /** Goes into the ids of orders and trades, and into the book. */
  readonly seed: number;
}

/** Everything trades whole at the feed's last price; whoever rests is filled by the first trade at their price. */
export function endlessMatching(terms: Terms): OrderMatching {
  return {
    submit(ledger, request, last, at) {
      const lastPrice = decimalOf(last.price);
      return submitOrder(ledger, request, { ...terms, at, liquidity: endlessAt(lastPrice), lastPrice });
    },
    match: (ledger, { market, at, price }) => matchTrade(ledger, { market, at, price: decimalOf(price) }),
  };
}

/** Orders walk the levels of the book and wait in its queues. */
export function bookMatching(feeRate: Decimal, parameters: BookParameters): OrderMatching {
  return {
    submit: (ledger, request, print, at) => submitToBook(ledger, request, { at, print, feeRate, parameters }),
    match: matchPrint,
  };
}
