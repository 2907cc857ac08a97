import type { Market } from '../../../config/market.ts';
import type { BookEvent } from '../events.ts';
import { Exact } from '../exact.ts';
import type { Order } from '../order.ts';
import {
  addResting,
  aheadOf,
  levelAt,
  type RestingLevel,
  type RestingSide,
  removeResting,
  restingIn,
  sideWithout,
} from './resting.ts';
import { unitsOf } from './units.ts';

/** What our orders took out of the background, by price (both 1e-8); forgotten with the next print of the market. */
interface Taken {
  /** Since when the background it was taken from stands, epoch ms. */
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

type Books = Map<Market, MarketBook>;

/** Folds one event. An event is a fact and is never refused. */
export function applyBookEvent(books: Books, event: BookEvent, orderOf: (uuid: string) => Order): void {
  switch (event.type) {
    case 'queued': {
      const order = orderOf(event.order);
      const level = levelOf(books, order);
      const resting = level && restingIn(level, order);
      if (level === undefined || resting === undefined) throw new Error(`order ${order.uuid} rests nowhere`);
      resting.place = level.passed + unitsOf(new Exact(event.ahead));
      return;
    }
    case 'passed': {
      const level = levelAt(marketBook(books, event.market)[event.side], event.side, unitsOf(new Exact(event.price)));
      if (level !== undefined) level.passed += unitsOf(new Exact(event.volume));
      return;
    }
    case 'taken': {
      const { taken } = openMarket(books, event.market);
      if (taken.print !== event.print) {
        taken.bid.clear();
        taken.ask.clear();
        taken.print = event.print;
      }
      const price = unitsOf(new Exact(event.price));
      const before = taken[event.side].get(price) ?? 0n;
      taken[event.side].set(price, before + unitsOf(new Exact(event.volume)));
    }
  }
}

const NO_TRACES: MarketBook = { bid: [], ask: [], taken: { print: Number.NaN, bid: new Map(), ask: new Map() } };

/** The traces of our orders in a market. To be read; none where we have never ordered. */
export function marketBook(books: ReadonlyMap<Market, MarketBook>, market: Market): MarketBook {
  return books.get(market) ?? NO_TRACES;
}

/** The same to be changed. */
function openMarket(books: Books, market: Market): MarketBook {
  let found = books.get(market);
  if (found === undefined) {
    found = { bid: [], ask: [], taken: { print: Number.NaN, bid: new Map(), ask: new Map() } };
    books.set(market, found);
  }
  return found;
}

/** Coins of others (1e-8) ahead of an order that rests; undefined for one that does not. */
export function queuePosition(books: ReadonlyMap<Market, MarketBook>, order: Order): bigint | undefined {
  const level = levelOf(books, order);
  const resting = level && restingIn(level, order);
  return level === undefined || resting === undefined ? undefined : aheadOf(level, resting);
}

/** Puts a waiting order into its queue. Only limits can rest; one that was filled on arrival leaves with its `ended`. */
export function restInBook(books: Books, order: Order): void {
  const { market, side, type } = order.request;
  if (type !== 'limit' || order.price === undefined) return;
  addResting(openMarket(books, market)[side], side, unitsOf(order.price), order);
}

/** Takes an order that is over out of its queue. */
export function withdrawFromBook(books: ReadonlyMap<Market, MarketBook>, order: Order): void {
  const { market, side, type } = order.request;
  if (type !== 'limit' || order.price === undefined) return;
  removeResting(marketBook(books, market)[side], side, unitsOf(order.price), order);
}

/** The books as they would be without an order that waits. To be read: all else of them is shared. */
export function booksWithout(books: Books, order: Order): Books {
  const { market, side } = order.request;
  const own = books.get(market);
  if (own === undefined || order.price === undefined) return books;
  return new Map(books).set(market, { ...own, [side]: sideWithout(own[side], unitsOf(order.price), order) });
}

function levelOf(books: ReadonlyMap<Market, MarketBook>, { price, request }: Order): RestingLevel | undefined {
  const { market, side } = request;
  return price === undefined ? undefined : levelAt(marketBook(books, market)[side], side, unitsOf(price));
}
