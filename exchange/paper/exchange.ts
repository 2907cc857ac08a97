import type { Market } from '../../config/market.ts';
import { backgroundSince, type Print } from '../matching/book/background.ts';
import { fillResting } from '../matching/book/fill-resting.ts';
import type { BookShape } from '../matching/book/parameters.ts';
import { shownBook } from '../matching/book/shown.ts';
import { cancelOrder } from '../matching/cancel.ts';
import type { LedgerEvent } from '../matching/events.ts';
import { Exact } from '../matching/exact.ts';
import { applyEvent, emptyLedger, type Ledger } from '../matching/ledger.ts';
import type { Liquidity } from '../matching/liquidity.ts';
import { type Order, type OrderRequest, remainingVolume } from '../matching/order.ts';
import { type Rejection, rejection } from '../matching/rejection.ts';
import { burnIdentifier, checkIdentifier, DUPLICATED_IDENTIFIER, type Submission } from '../matching/submit.ts';
import { withoutOrder } from '../matching/without-order.ts';
import { bookMatching, endlessMatching } from './order-matching.ts';
import type { LedgerStore } from './state/ledger-store.ts';
import type { OrderArchive } from './state/order-archive.ts';
import { followedEvents, type Tape } from './tape.ts';

/** KRW a new account holds. */
const OPENING_BALANCE_KRW = '10000000';
/** How often (ms of market time) it is noted how far the markets of waiting orders were followed. */
const NOTE_EVERY_MS = 60_000;
/** Upbit's fee on KRW markets, maker and taker alike, as a fraction of the funds. */
export const FEE_RATE = new Exact('0.0005');

/** Drives the matching rules with the feed and keeps what they decide. All times are epoch ms of market time. */
export interface Exchange {
  readonly ledger: Ledger;
  /** Where old orders are that are over. */
  readonly archive: OrderArchive;
  readonly markets: ReadonlySet<Market>;
  /** Lets everything happen that the feed did to resting orders until `now`. Must precede any look at the ledger. */
  advance(now: number): void;
  /** The same, and notes how far the markets were followed: a restart goes on from there. */
  settle(now: number): void;
  /** Resolves once all that was done so far is on disk; no answer that could tell of it may leave before. */
  kept(): Promise<void>;
  /** Survives the process when it returns, the power once {@link kept}; a refusal's burned identifier too. */
  submit(request: OrderRequest, now: number): Order | Rejection;
  /**
   * Cancels an order that waits and submits another, which already has what the first had locked. Both are one line of
   * the journal, kept as {@link submit} has it; where the other is refused, the first stays as it is.
   */
  replace(previous: Order, request: OrderRequest, now: number): Order | Rejection;
  /** What `submit` would answer, as accepted and under an id that a real order may get; nothing is placed or kept. */
  test(request: OrderRequest, now: number): Order | Rejection;
  /** For an order refused before it could be understood: its identifier is used up, or refused for being so already. */
  refuse(identifier: string | undefined, now: number): Rejection | undefined;
  /** Cancels all of them. @throws {ExchangeError} having cancelled none, while it is not known whether they were filled */
  cancel(orders: readonly Order[], now: number): void;
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
  tape: Tape,
  store: LedgerStore,
  { seed, now: openedAt, book }: ExchangeOptions,
): Exchange {
  const { ledger, archive } = store;
  const matching =
    book === undefined ? endlessMatching({ seed, feeRate: FEE_RATE }) : bookMatching(FEE_RATE, { ...book, seed });
  if (store.knownUntil === undefined) {
    store.record([{ type: 'deposited', currency: 'KRW', amount: OPENING_BALANCE_KRW }], openedAt, true);
  }
  let advancedTo = store.knownUntil ?? openedAt;
  let notedAt = advancedTo;

  const newlyFollowed = (markets: Iterable<Market>): LedgerEvent[] =>
    followedEvents(tape.told(markets).filter(({ market, id }) => ledger.followed.get(market)?.id !== id));
  const note = (now: number): void => {
    notedAt = now;
    const events = newlyFollowed([...ledger.open].flatMap(([market, { size }]) => (size > 0 ? [market] : [])));
    if (events.length > 0) store.record(events, now, false);
  };

  const advance = (now: number): void => {
    for (const prints of tape.untold(ledger.open, advancedTo, now)) {
      // One line for all that belongs together: a restart goes on after the last line and must find nothing half done.
      const events = prints.flatMap((print) => matching.match(ledger, print));
      if (events.length > 0) store.record([...events, ...followedEvents(prints)], prints[0]?.at ?? now, false);
    }
    advancedTo = Math.max(advancedTo, now);
    if (now - notedAt >= NOTE_EVERY_MS) note(now);
  };

  /** An identifier that is good once is good once for ever, also when its order has left the ledger. */
  const isArchived = (identifier: string | undefined): boolean =>
    identifier !== undefined && archive.hasIdentifier(identifier);

  /** @param as the account as it is when the order arrives */
  const decide = (request: OrderRequest, now: number, as = ledger): Submission => {
    if (isArchived(request.identifier)) return { accepted: false, rejection: DUPLICATED_IDENTIFIER, events: [] };
    return tape.hasPrice(request.market)
      ? matching.submit(as, request, tape.last(request.market, now), now)
      : unpriced(as, request, now);
  };

  /** Keeps what was decided; `first` is what an accepted order brings about before anything else. */
  const keep = (
    submission: Submission,
    { market }: OrderRequest,
    now: number,
    first: readonly LedgerEvent[] = [],
  ): Order | Rejection => {
    const events = submission.accepted ? [...first, ...submission.events] : submission.events;
    // No earlier trade may meet this order, in another life either.
    if (events.length > 0) store.record([...events, ...newlyFollowed([market])], now, true);
    if (!submission.accepted) return submission.rejection;
    const order = ledger.orders.get(submission.uuid);
    if (order === undefined) throw new Error(`order ${submission.uuid} was accepted but is not in the ledger`);
    return order;
  };

  const after = (shape: BookShape, print: Print): Liquidity => shownBook(ledger, print, { ...shape, seed });
  const books = book && {
    seen(market: Market, now: number) {
      advance(now);
      const print = tape.last(market, now);
      return { ...after(book, print), at: backgroundSince(print) };
    },
    after: (print: Print) => after(book, print),
  };

  return {
    ledger,
    archive,
    markets: tape.markets,
    books,
    advance,
    kept: store.kept,
    settle(now) {
      advance(now);
      note(now);
    },
    submit(request, now) {
      advance(now);
      return keep(decide(request, now), request, now);
    },
    replace(previous, request, now) {
      advance(now);
      const end = cancelOrder(previous, now);
      if (end.length === 0) throw new Error(`order ${previous.uuid} is over and cannot be replaced`);
      return keep(decide(request, now, withoutOrder(ledger, previous)), request, now, end);
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
      const unusable = isArchived(identifier) ? DUPLICATED_IDENTIFIER : checkIdentifier(ledger, identifier);
      if (unusable !== undefined || identifier === undefined) return unusable;
      store.record(burnIdentifier(identifier, now), now, true);
      return undefined;
    },
    cancel(orders, now) {
      advance(now);
      for (const { request } of orders) tape.requireKnown(request.market);
      for (const order of orders) {
        const events = cancelOrder(order, now);
        if (events.length > 0) store.record(events, now, true);
      }
    },
    fill(order, now) {
      store.record(fillResting(order, remainingVolume(order) ?? new Exact(0), now), now, true);
    },
  };
}

/** A certain no: whoever is left in doubt about an order has to look for it for a day, and it is in nobody's hands. */
function unpriced(ledger: Ledger, { identifier, market, side }: OrderRequest, now: number): Submission {
  const unusable = checkIdentifier(ledger, identifier);
  if (unusable !== undefined) return { accepted: false, rejection: unusable, events: [] };
  const fault = rejection(`create_${side}_error`, `the price of ${market} is not known at the moment`);
  return { accepted: false, rejection: fault, events: burnIdentifier(identifier, now) };
}
