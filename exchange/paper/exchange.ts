import type { Market } from '../../config/market.ts';
import { decimalOf } from '../matching/book/units.ts';
import { cancelOrder } from '../matching/cancel.ts';
import { type Decimal, Exact } from '../matching/exact.ts';
import type { Ledger } from '../matching/ledger.ts';
import { endlessAt } from '../matching/liquidity.ts';
import type { Order, OrderRequest } from '../matching/order.ts';
import type { Rejection } from '../matching/rejection.ts';
import { burnIdentifier, checkIdentifier, submitOrder } from '../matching/submit.ts';
import { matchTrade } from '../matching/trade.ts';
import type { CandleSource } from './feed/minute-candle.ts';
import { lastPrice } from './feed/visible.ts';
import { restingTrades } from './resting-trades.ts';
import type { LedgerStore } from './state/ledger-store.ts';

/** KRW a new account holds. */
const OPENING_BALANCE_KRW = '10000000';
/** Upbit's fee on KRW markets, maker and taker alike, as a fraction of the funds. */
export const FEE_RATE = new Exact('0.0005');

/** Drives the matching rules with the feed and keeps what they decide. All times are epoch ms of market time. */
export interface Exchange {
  readonly ledger: Ledger;
  readonly sources: ReadonlyMap<Market, CandleSource>;
  /** Lets everything happen that the feed did to resting orders until `now`. Must precede any look at the ledger. */
  advance(now: number): void;
  /** On disk before it returns; a refusal's burned identifier too. */
  submit(request: OrderRequest, now: number): Order | Rejection;
  /** For an order refused before it could be understood: its identifier is used up, or refused for being so already. */
  refuse(identifier: string | undefined, now: number): Rejection | undefined;
  cancel(order: Order, now: number): void;
}

export function createExchange(
  sources: ReadonlyMap<Market, CandleSource>,
  store: LedgerStore,
  { seed, now: openedAt }: { readonly seed: number; readonly now: number },
): Exchange {
  const { ledger } = store;
  if (store.knownUntil === undefined) {
    store.record([{ type: 'deposited', currency: 'KRW', amount: OPENING_BALANCE_KRW }], openedAt, true);
  }
  let advancedTo = store.knownUntil ?? openedAt;

  const advance = (now: number): void => {
    for (const prints of restingTrades(ledger.open, sources, advancedTo, now)) {
      // One line an instant: a restart goes on after the last line's time and must find nothing half done there.
      const events = prints.flatMap(({ market, at, price }) =>
        matchTrade(ledger, { market, at, price: decimalOf(price) }),
      );
      if (events.length > 0) store.record(events, prints[0]?.at ?? now, false);
    }
    advancedTo = Math.max(advancedTo, now);
  };

  return {
    ledger,
    sources,
    advance,
    submit(request, now) {
      advance(now);
      const price = priceOf(sources, request.market, now);
      const arrival = { at: now, liquidity: endlessAt(price), lastPrice: price, feeRate: FEE_RATE, seed };
      const submission = submitOrder(ledger, request, arrival);
      if (submission.events.length > 0) store.record(submission.events, now, true);
      if (!submission.accepted) return submission.rejection;
      const order = ledger.orders.get(submission.uuid);
      if (order === undefined) throw new Error(`order ${submission.uuid} was accepted but is not in the ledger`);
      return order;
    },
    refuse(identifier, now) {
      const unusable = checkIdentifier(ledger, identifier);
      if (unusable !== undefined || identifier === undefined) return unusable;
      store.record(burnIdentifier(identifier, now), now, true);
      return undefined;
    },
    cancel(order, now) {
      advance(now);
      const events = cancelOrder(order, now);
      if (events.length > 0) store.record(events, now, true);
    },
  };
}

function priceOf(sources: ReadonlyMap<Market, CandleSource>, market: Market, now: number): Decimal {
  const source = sources.get(market);
  const price = source === undefined ? undefined : lastPrice(source, now);
  if (price === undefined) throw new Error(`${market} has no price at ${new Date(now).toISOString()}`);
  return decimalOf(price);
}
