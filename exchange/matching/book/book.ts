import type { Market } from '../../../config/market.ts';
import { balanceOf, lock } from '../balances.ts';
import { type Decimal, Exact } from '../exact.ts';
import { applyEvent, emptyLedger, type Ledger, lockedCurrency } from '../ledger.ts';
import { lockedByOrder, type Order, remainingVolume } from '../order.ts';
import type { BookEvent } from './events.ts';
import {
  addResting,
  aheadOf,
  levelAt,
  type RestingLevel,
  type RestingSide,
  removeResting,
  restingIn,
} from './resting.ts';
import { unitsOf } from './units.ts';

/** What our orders took out of the background, by price (both 1e-8); forgotten with the next print of the market. */
export interface Taken {
  /** Epoch ms of the print whose background it was taken from. */
  print: number;
  readonly bid: Map<bigint, bigint>;
  readonly ask: Map<bigint, bigint>;
}

/** One market as far as our orders changed it; everything else of it is computed. */
export interface MarketBook {
  readonly bid: RestingSide;
  readonly ask: RestingSide;
  readonly taken: Taken;
}

/** What self-match prevention took off an order: coins, and KRW with fee (bid) or coins (ask) that it freed. */
export interface Prevented {
  readonly volume: Decimal;
  readonly locked: Decimal;
}

/** An account and the traces of its orders in the markets' books. Every part of it is a fold of events. */
export interface Book {
  readonly ledger: Ledger;
  readonly markets: Map<Market, MarketBook>;
  /** By order uuid; kept after the order's end, because answers go on naming it. */
  readonly prevented: Map<string, Prevented>;
}

export function emptyBook(ledger: Ledger = emptyLedger()): Book {
  return { ledger, markets: new Map(), prevented: new Map() };
}

/** Folds one event into the book and its ledger. An event is a fact and is never refused. */
export function applyBookEvent(book: Book, event: BookEvent): void {
  switch (event.type) {
    case 'accepted': {
      applyEvent(book.ledger, event);
      restInBook(book, orderOf(book, event.uuid));
      return;
    }
    case 'ended': {
      applyEvent(book.ledger, event);
      const order = orderOf(book, event.order);
      withdraw(book, order);
      // The ledger freed all that acceptance had locked, and prevention had freed its part of it before.
      const freedTwice = book.prevented.get(order.uuid)?.locked;
      if (freedTwice !== undefined) lock(balanceOf(book.ledger.balances, lockedCurrency(order)), freedTwice);
      return;
    }
    case 'queued': {
      const order = orderOf(book, event.order);
      const level = levelOf(book, order);
      const resting = level && restingIn(level, order);
      if (level === undefined || resting === undefined) throw new Error(`order ${order.uuid} rests nowhere`);
      resting.place = level.passed + unitsOf(new Exact(event.ahead));
      return;
    }
    case 'passed': {
      const level = levelAt(marketBook(book, event.market)[event.side], event.side, unitsOf(new Exact(event.price)));
      if (level !== undefined) level.passed += unitsOf(new Exact(event.volume));
      return;
    }
    case 'taken': {
      const { taken } = openMarket(book, event.market);
      if (taken.print !== event.print) {
        taken.bid.clear();
        taken.ask.clear();
        taken.print = event.print;
      }
      const price = unitsOf(new Exact(event.price));
      const before = taken[event.side].get(price) ?? 0n;
      taken[event.side].set(price, before + unitsOf(new Exact(event.volume)));
      return;
    }
    case 'prevented': {
      const order = orderOf(book, event.order);
      const before = preventedOf(book, order.uuid);
      const locked = before.locked.plus(event.locked);
      book.prevented.set(order.uuid, { volume: before.volume.plus(event.volume), locked });
      lock(balanceOf(book.ledger.balances, lockedCurrency(order)), new Exact(event.locked).negated());
      return;
    }
    default:
      applyEvent(book.ledger, event);
  }
}

const NO_TRACES: MarketBook = { bid: [], ask: [], taken: { print: Number.NaN, bid: new Map(), ask: new Map() } };

/** The traces of our orders in a market. To be read; none where we have never ordered. */
export function marketBook(book: Book, market: Market): MarketBook {
  return book.markets.get(market) ?? NO_TRACES;
}

/** The same to be changed. */
function openMarket(book: Book, market: Market): MarketBook {
  let found = book.markets.get(market);
  if (found === undefined) {
    found = { bid: [], ask: [], taken: { print: Number.NaN, bid: new Map(), ask: new Map() } };
    book.markets.set(market, found);
  }
  return found;
}

const NOTHING: Prevented = { volume: new Exact(0), locked: new Exact(0) };

/** What prevention took off an order; nothing for most. */
export function preventedOf(book: Book, uuid: string): Prevented {
  return book.prevented.get(uuid) ?? NOTHING;
}

/** Coins still to trade; undefined for orders placed by total. */
export function remainingInBook(book: Book, order: Order): Decimal | undefined {
  return remainingVolume(order)?.minus(preventedOf(book, order.uuid).volume);
}

/** What the order locks, as {@link lockedByOrder}, less what prevention freed. */
export function lockedInBook(book: Book, order: Order): Decimal {
  return lockedByOrder(order).minus(preventedOf(book, order.uuid).locked);
}

/** Coins of others (1e-8) ahead of an order that rests; undefined for one that does not. */
export function queuePosition(book: Book, order: Order): bigint | undefined {
  const level = levelOf(book, order);
  const resting = level && restingIn(level, order);
  return level === undefined || resting === undefined ? undefined : aheadOf(level, resting);
}

/** Puts a waiting order into its queue. Only limits can rest; one that was filled on arrival leaves with its `ended`. */
export function restInBook(book: Book, order: Order): void {
  const { market, side, type } = order.request;
  if (type !== 'limit' || order.price === undefined) return;
  addResting(openMarket(book, market)[side], side, unitsOf(order.price), order);
}

function withdraw(book: Book, order: Order): void {
  const { market, side, type } = order.request;
  if (type !== 'limit' || order.price === undefined) return;
  removeResting(marketBook(book, market)[side], side, unitsOf(order.price), order);
}

function levelOf(book: Book, { price, request: { market, side } }: Order): RestingLevel | undefined {
  return price === undefined ? undefined : levelAt(marketBook(book, market)[side], side, unitsOf(price));
}

function orderOf(book: Book, uuid: string): Order {
  const order = book.ledger.orders.get(uuid);
  if (order === undefined) throw new Error(`event names the order ${uuid}, which was never accepted`);
  return order;
}
