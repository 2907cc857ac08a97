import type { Market } from '../../config/market.ts';
import { balanceOf } from './balances.ts';
import { queuePosition, restInBook } from './book/book.ts';
import { decimalOf } from './book/units.ts';
import { Exact } from './exact.ts';
import { applyEvent, emptyLedger, type Ledger } from './ledger.ts';
import type { Order, OrderRequest, OrderState, Side } from './order.ts';

/** A ledger as plain JSON, amounts as decimal text. */
export interface LedgerJson {
  readonly balances: readonly [currency: string, free: string, locked: string, averageBuyPrice: string][];
  readonly orders: readonly OrderJson[];
  readonly burnedIdentifiers: readonly string[];
  readonly lastSequence: number;
  /** Waiting orders with coins of others ahead of them. This and what follows is missing from older snapshots. */
  readonly queued?: readonly [order: string, ahead: string][];
  readonly taken?: readonly [market: Market, print: number, side: Side, price: string, volume: string][];
  readonly followed?: readonly [market: Market, at: number, id: string][];
}

/** An order with everything that happened to it. */
export interface OrderJson {
  readonly uuid: string;
  readonly sequence: number;
  readonly at: number;
  readonly request: OrderRequest;
  readonly reservedFee: string;
  readonly locked: string;
  readonly feeRate: string;
  readonly state: OrderState;
  readonly fills: readonly [uuid: string, at: number, price: string, volume: string, funds: string, fee: string][];
  /** Left out where prevention took nothing off. */
  readonly prevented?: readonly [volume: string, locked: string];
}

/** The whole ledger, so that a driver can start from it instead of from every event. */
export function ledgerToJson(ledger: Ledger): LedgerJson {
  return {
    balances: [...ledger.balances].map(([currency, { free, locked, averageBuyPrice }]) => [
      currency,
      free.toFixed(),
      locked.toFixed(),
      averageBuyPrice.toFixed(),
    ]),
    orders: [...ledger.orders.values()].map(orderToJson),
    burnedIdentifiers: [...ledger.identifiers]
      .filter(([, uuid]) => uuid === undefined)
      .map(([identifier]) => identifier),
    lastSequence: ledger.lastSequence,
    queued: waiting(ledger).flatMap((order): [string, string][] => {
      const ahead = queuePosition(ledger.books, order) ?? 0n;
      return ahead === 0n ? [] : [[order.uuid, decimalOf(ahead).toFixed()]];
    }),
    taken: [...ledger.books].flatMap(([market, { taken }]) =>
      (['bid', 'ask'] as const).flatMap((side) =>
        [...taken[side]].map(([price, volume]): NonNullable<LedgerJson['taken']>[number] => [
          market,
          taken.print,
          side,
          decimalOf(price).toFixed(),
          decimalOf(volume).toFixed(),
        ]),
      ),
    ),
    ...(ledger.followed.size > 0 && {
      followed: [...ledger.followed].map(([market, { at, id }]): [Market, number, string] => [market, at, id]),
    }),
  };
}

function waiting(ledger: Ledger): Order[] {
  return [...ledger.open.values()].flatMap((orders) => [...orders.values()]);
}

export function orderToJson(order: Order): OrderJson {
  return {
    uuid: order.uuid,
    sequence: order.sequence,
    at: order.createdAt,
    request: order.request,
    reservedFee: order.reservedFee.toFixed(),
    locked: order.initiallyLocked.toFixed(),
    feeRate: order.feeRate.toFixed(),
    state: order.state,
    fills: order.fills.map(({ uuid, at, price, volume, funds, fee }) => [
      uuid,
      at,
      price.toFixed(),
      volume.toFixed(),
      funds.toFixed(),
      fee.toFixed(),
    ]),
    ...preventedJson(order),
  };
}

function preventedJson({ preventedVolume, preventedLocked }: Order): Pick<OrderJson, 'prevented'> {
  if (preventedLocked.isZero()) return {};
  return { prevented: [preventedVolume.toFixed(), preventedLocked.toFixed()] };
}

/** The ledger that {@link ledgerToJson} wrote. */
export function ledgerFromJson(json: LedgerJson): Ledger {
  const ledger = emptyLedger();
  for (const [currency, free, locked, averageBuyPrice] of json.balances) {
    Object.assign(balanceOf(ledger.balances, currency), {
      free: new Exact(free),
      locked: new Exact(locked),
      averageBuyPrice: new Exact(averageBuyPrice),
    });
  }
  for (const identifier of json.burnedIdentifiers) ledger.identifiers.set(identifier, undefined);
  for (const stored of json.orders) {
    const order = orderFromJson(stored);
    ledger.orders.set(order.uuid, order);
    if (order.request.identifier !== undefined) ledger.identifiers.set(order.request.identifier, order.uuid);
    if (order.state !== 'wait') continue;
    openOrders(ledger, order.request.market).set(order.uuid, order);
    restInBook(ledger.books, order);
  }
  ledger.lastSequence = json.lastSequence;
  for (const [order, ahead] of json.queued ?? []) applyEvent(ledger, { type: 'queued', order, ahead });
  for (const [market, print, side, price, volume] of json.taken ?? []) {
    applyEvent(ledger, { type: 'taken', market, print, side, price, volume });
  }
  for (const [market, at, id] of json.followed ?? []) applyEvent(ledger, { type: 'followed', market, at, id });
  return ledger;
}

/** The order that {@link orderToJson} wrote. */
export function orderFromJson(stored: OrderJson): Order {
  const fills = stored.fills.map(([uuid, at, price, volume, funds, fee]) => ({
    uuid,
    at,
    price: new Exact(price),
    volume: new Exact(volume),
    funds: new Exact(funds),
    fee: new Exact(fee),
  }));
  const sum = (key: 'volume' | 'funds' | 'fee') => fills.reduce((total, fill) => total.plus(fill[key]), new Exact(0));
  const { price, volume } = stored.request;
  const [preventedVolume, preventedLocked] = stored.prevented ?? ['0', '0'];
  return {
    uuid: stored.uuid,
    sequence: stored.sequence,
    request: stored.request,
    createdAt: stored.at,
    price: price === undefined ? undefined : new Exact(price),
    volume: volume === undefined ? undefined : new Exact(volume),
    reservedFee: new Exact(stored.reservedFee),
    initiallyLocked: new Exact(stored.locked),
    feeRate: new Exact(stored.feeRate),
    state: stored.state,
    executedVolume: sum('volume'),
    executedFunds: sum('funds'),
    paidFee: sum('fee'),
    preventedVolume: new Exact(preventedVolume),
    preventedLocked: new Exact(preventedLocked),
    fills,
  };
}

function openOrders(ledger: Ledger, market: Market): Map<string, Order> {
  const open = ledger.open.get(market) ?? new Map<string, Order>();
  ledger.open.set(market, open);
  return open;
}
