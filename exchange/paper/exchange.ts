import type { Market } from '../../config/market.ts';
import type { Print } from '../matching/book/background.ts';
import { fillResting } from '../matching/book/fill-resting.ts';
import type { BookShape } from '../matching/book/parameters.ts';
import { shownBook } from '../matching/book/shown.ts';
import { cancelOrder } from '../matching/cancel.ts';
import type { LedgerEvent } from '../matching/events.ts';
import { Exact } from '../matching/exact.ts';
import { applyEvent, emptyLedger, type Ledger } from '../matching/ledger.ts';
import type { Liquidity } from '../matching/liquidity.ts';
import { type Order, type OrderRequest, remainingVolume } from '../matching/order.ts';
import type { Rejection } from '../matching/rejection.ts';
import { burnIdentifier, checkIdentifier, type Submission } from '../matching/submit.ts';
import { withoutOrder } from '../matching/without-order.ts';
import type { CandleSource } from './feed/minute-candle.ts';
import { tradesBefore } from './feed/trades.ts';
import { bookMatching, endlessMatching } from './order-matching.ts';
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
  /**
   * Cancels an order that waits and submits another, which already has what the first had locked. Both are on disk in
   * one line before it returns; where the other is refused, the first stays as it is.
   */
  replace(previous: Order, request: OrderRequest, now: number): Order | Rejection;
  /** What `submit` would answer, as accepted and under an id that a real order may get; nothing is placed or kept. */
  test(request: OrderRequest, now: number): Order | Rejection;
  /** For an order refused before it could be understood: its identifier is used up, or refused for being so already. */
  refuse(identifier: string | undefined, now: number): Rejection | undefined;
  cancel(order: Order, now: number): void;
  /** Has an order that waits traded whole at its price, whatever the feed says. A fault, not the market. */
  fill(order: Order, now: number): void;
  /** Undefined where everything trades at the last price, without end. */
  readonly books: OrderBooks | undefined;
}

/** The order books as everybody sees them, the account's resting orders included. Times are epoch ms of market time. */
export interface OrderBooks {
  /** How one looks at `now`, and since when but for what the account did. */
  seen(market: Market, now: number): Liquidity & { readonly at: number };
  /** What a trade of the feed left, with the orders that rest now. */
  after(print: Print): Liquidity;
}

interface ExchangeOptions {
  readonly seed: number;
  /** Epoch ms of market time. */
  readonly now: number;
  /** The order book that orders meet. Left out: everything trades at the last price, without end. */
  readonly book?: BookShape | undefined;
}

export function createExchange(
  sources: ReadonlyMap<Market, CandleSource>,
  store: LedgerStore,
  { seed, now: openedAt, book }: ExchangeOptions,
): Exchange {
  const { ledger } = store;
  const matching =
    book === undefined ? endlessMatching({ seed, feeRate: FEE_RATE }) : bookMatching(FEE_RATE, { ...book, seed });
  if (store.knownUntil === undefined) {
    store.record([{ type: 'deposited', currency: 'KRW', amount: OPENING_BALANCE_KRW }], openedAt, true);
  }
  let advancedTo = store.knownUntil ?? openedAt;

  const advance = (now: number): void => {
    for (const prints of restingTrades(ledger.open, sources, advancedTo, now)) {
      // One line an instant: a restart goes on after the last line's time and must find nothing half done there.
      const events = prints.flatMap((print) => matching.match(ledger, print));
      if (events.length > 0) store.record(events, prints[0]?.at ?? now, false);
    }
    advancedTo = Math.max(advancedTo, now);
  };

  /** @param as the account as it is when the order arrives */
  const decide = (request: OrderRequest, now: number, as = ledger): Submission =>
    matching.submit(as, request, lastPrint(sources, request.market, now), now);

  /** Keeps what was decided; `first` is what an accepted order brings about before anything else. */
  const settle = (submission: Submission, now: number, first: readonly LedgerEvent[] = []): Order | Rejection => {
    const events = submission.accepted ? [...first, ...submission.events] : submission.events;
    if (events.length > 0) store.record(events, now, true);
    if (!submission.accepted) return submission.rejection;
    const order = ledger.orders.get(submission.uuid);
    if (order === undefined) throw new Error(`order ${submission.uuid} was accepted but is not in the ledger`);
    return order;
  };

  const after = (shape: BookShape, print: Print): Liquidity => shownBook(ledger, print, { ...shape, seed });
  const books = book && {
    seen(market: Market, now: number) {
      advance(now);
      const print = lastPrint(sources, market, now);
      return { ...after(book, print), at: print.at };
    },
    after: (print: Print) => after(book, print),
  };

  return {
    ledger,
    sources,
    books,
    advance,
    submit(request, now) {
      advance(now);
      return settle(decide(request, now), now);
    },
    replace(previous, request, now) {
      advance(now);
      const end = cancelOrder(previous, now);
      if (end.length === 0) throw new Error(`order ${previous.uuid} is over and cannot be replaced`);
      return settle(decide(request, now, withoutOrder(ledger, previous)), now, end);
    },
    test(request, now) {
      advance(now);
      const submission = decide(request, now);
      if (!submission.accepted) return submission.rejection;
      const scratch = emptyLedger();
      for (const acceptance of submission.events.slice(0, 1)) applyEvent(scratch, acceptance);
      const order = scratch.orders.get(submission.uuid);
      if (order === undefined) throw new Error(`order ${submission.uuid} was accepted without its acceptance`);
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
    fill(order, now) {
      store.record(fillResting(order, remainingVolume(order) ?? new Exact(0), now), now, true);
    },
  };
}

function lastPrint(sources: ReadonlyMap<Market, CandleSource>, market: Market, now: number): Print {
  const source = sources.get(market);
  const [last] = source === undefined ? [] : tradesBefore(source, 1, now);
  if (last === undefined) throw new Error(`${market} has no trade until ${new Date(now).toISOString()}`);
  return { market, ...last };
}
