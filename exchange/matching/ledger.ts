import { baseCurrency, type Market } from '../../config/market.ts';
import { addBought, type Balances, balanceOf, lock, removeSold } from './balances.ts';
import { applyBookEvent, type MarketBook, restInBook, withdrawFromBook } from './book/book.ts';
import type { LedgerEvent } from './events.ts';
import { Exact } from './exact.ts';
import { lockedByOrder, type Order } from './order.ts';

/** One account on the exchange: balances, orders, their places in the book, and used identifiers. */
export interface Ledger {
  readonly balances: Balances;
  /** By uuid, in the order of acceptance. Whoever keeps it may move those that are over elsewhere, with their identifiers. */
  readonly orders: Map<string, Order>;
  /** The waiting ones, by market; the only orders a trade has to look at. */
  readonly open: Map<Market, Map<string, Order>>;
  /** Identifier to order uuid; undefined for one burned by a rejection. */
  readonly identifiers: Map<string, string | undefined>;
  lastSequence: number;
  /** What our orders changed of the books; a market where we never ordered is not in it. */
  readonly books: Map<Market, MarketBook>;
  /** The last trade of each market that was followed, in a feed that is no function of time. */
  readonly followed: Map<Market, FollowedTrade>;
}

export interface FollowedTrade {
  /** Epoch ms of market time. */
  readonly at: number;
  readonly id: string;
}

export function emptyLedger(): Ledger {
  return {
    balances: new Map(),
    orders: new Map(),
    open: new Map(),
    identifiers: new Map(),
    lastSequence: 0,
    books: new Map(),
    followed: new Map(),
  };
}

/** Folds one event into the ledger. Deciding is done elsewhere: an event is a fact and is never refused. */
export function applyEvent(ledger: Ledger, event: LedgerEvent): void {
  switch (event.type) {
    case 'deposited': {
      const balance = balanceOf(ledger.balances, event.currency);
      balance.free = balance.free.plus(event.amount);
      return;
    }
    case 'accepted':
      accept(ledger, event);
      return;
    case 'filled':
      fill(ledger, event);
      return;
    case 'ended': {
      const order = orderOf(ledger, event.order);
      order.state = event.state;
      ledger.open.get(order.request.market)?.delete(order.uuid);
      withdrawFromBook(ledger.books, order);
      lock(balanceOf(ledger.balances, lockedCurrency(order)), lockedByOrder(order).negated());
      return;
    }
    case 'identifier-burned':
      ledger.identifiers.set(event.identifier, undefined);
      return;
    case 'prevented': {
      const order = orderOf(ledger, event.order);
      order.preventedVolume = order.preventedVolume.plus(event.volume);
      order.preventedLocked = order.preventedLocked.plus(event.locked);
      lock(balanceOf(ledger.balances, lockedCurrency(order)), new Exact(event.locked).negated());
      return;
    }
    case 'followed':
      ledger.followed.set(event.market, { at: event.at, id: event.id });
      return;
    default:
      applyBookEvent(ledger.books, event, (uuid) => orderOf(ledger, uuid));
  }
}

/** The currency an order locks: KRW for a bid, the coin for an ask. */
export function lockedCurrency(order: Pick<Order, 'request'>): string {
  return order.request.side === 'bid' ? 'KRW' : baseCurrency(order.request.market);
}

function accept(ledger: Ledger, event: Extract<LedgerEvent, { type: 'accepted' }>): void {
  const { request } = event;
  const order: Order = {
    uuid: event.uuid,
    sequence: event.sequence,
    request,
    createdAt: event.at,
    price: request.price === undefined ? undefined : new Exact(request.price),
    volume: request.volume === undefined ? undefined : new Exact(request.volume),
    reservedFee: new Exact(event.reservedFee),
    initiallyLocked: new Exact(event.locked),
    feeRate: new Exact(event.feeRate),
    state: 'wait',
    executedVolume: new Exact(0),
    executedFunds: new Exact(0),
    paidFee: new Exact(0),
    preventedVolume: new Exact(0),
    preventedLocked: new Exact(0),
    fills: [],
  };
  ledger.orders.set(order.uuid, order);
  const open = ledger.open.get(request.market) ?? new Map<string, Order>();
  ledger.open.set(request.market, open.set(order.uuid, order));
  restInBook(ledger.books, order);
  if (request.identifier !== undefined) ledger.identifiers.set(request.identifier, order.uuid);
  ledger.lastSequence = event.sequence;
  lock(balanceOf(ledger.balances, lockedCurrency(order)), order.initiallyLocked);
}

function fill(ledger: Ledger, event: Extract<LedgerEvent, { type: 'filled' }>): void {
  const order = orderOf(ledger, event.order);
  const price = new Exact(event.price);
  const volume = new Exact(event.volume);
  const funds = new Exact(event.funds);
  const fee = new Exact(event.fee);
  order.fills.push({ uuid: event.uuid, at: event.at, price, volume, funds, fee });
  order.executedVolume = order.executedVolume.plus(volume);
  order.executedFunds = order.executedFunds.plus(funds);
  order.paidFee = order.paidFee.plus(fee);

  const krw = balanceOf(ledger.balances, 'KRW');
  const coin = balanceOf(ledger.balances, baseCurrency(order.request.market));
  if (order.request.side === 'bid') {
    krw.locked = krw.locked.minus(funds).minus(fee);
    addBought(coin, volume, funds);
  } else {
    removeSold(coin, volume);
    krw.free = krw.free.plus(funds).minus(fee);
  }
}

function orderOf(ledger: Ledger, uuid: string): Order {
  const order = ledger.orders.get(uuid);
  if (order === undefined) throw new Error(`event names the order ${uuid}, which was never accepted`);
  return order;
}
