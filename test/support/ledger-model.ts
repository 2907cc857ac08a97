import type { OrderLeg } from '../../strategy/order-identifier.ts';
import type { OrderSide } from '../../strategy/order-money.ts';
import type { OrderStatus } from '../../strategy/order-states.ts';

/**
 * The ledger once more, as simple as it can be: integers in memory, no database, none of its code. Coins in 1e-8, won in
 * 1e-12 (whole prices × 1e-8 coins × a fee rate of four decimals fit exactly).
 */
export const WON = 10n ** 12n;
export const COIN = 10n ** 8n;
const PER_PRICE = WON / COIN;
/** 0.05 % */
const FEE_PARTS = 2000n;

export interface ModelFill {
  readonly id: string;
  readonly quantity: bigint;
  readonly price: bigint;
}

export interface ModelOrder {
  readonly identifier: string;
  readonly leg: OrderLeg;
  readonly side: OrderSide;
  /** Market time from which on it must not be sent. */
  readonly deadline: number;
  readonly price: bigint;
  readonly quantity: bigint;
  /** Its place among all orders, as they were decided. */
  readonly place: number;
  status: OrderStatus;
  /** When the last request for it was about to be sent; null before the first. */
  sentAt: number | null;
  /** Why a repeated request was refused. */
  refusal: string | null;
  /** Fills the exchange has counted, as far as the ledger was told. */
  executed: number;
  reserved: bigint;
  readonly booked: Set<string>;
}

export interface ModelMarket {
  cash: bigint;
  coins: bigint;
  readonly orders: ModelOrder[];
}

const IN_FLIGHT: readonly OrderStatus[] = ['intended', 'sending', 'open'];

export const fundsOf = (fill: ModelFill) => fill.quantity * fill.price * PER_PRICE;
export const feeOf = (fill: ModelFill) => fundsOf(fill) / FEE_PARTS;
export const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);

export const inFlight = (market: ModelMarket) => market.orders.find((order) => IN_FLIGHT.includes(order.status));

export const reservedBy = (market: ModelMarket, side: OrderSide) =>
  sum(market.orders.filter((order) => order.side === side).map((order) => order.reserved));

export const freeCash = (market: ModelMarket) => market.cash - reservedBy(market, 'bid');
const freeCoins = (market: ModelMarket) => market.coins - reservedBy(market, 'ask');

export function needOf(order: Pick<ModelOrder, 'side' | 'price' | 'quantity'>): bigint {
  const funds = order.quantity * order.price * PER_PRICE;
  return order.side === 'bid' ? funds + funds / FEE_PARTS : order.quantity;
}

/** What the exchange takes at the end beyond the fees of the fills, won; in all, a fee is never below zero. */
export function feeBeyond(fills: readonly ModelFill[], extraFee: bigint): bigint {
  const fees = sum(fills.map(feeOf));
  return extraFee + fees < 0n ? -fees : extraFee;
}

/** The error the ledger must refuse a new order with; undefined when it must take it. */
export function refusalOf(market: ModelMarket, order: ModelOrder): string | undefined {
  const blocked =
    inFlight(market) !== undefined ||
    (!['stop', 'flatten', 'manual'].includes(order.leg) && market.orders.some((other) => other.status === 'unknown'));
  if (blocked) return 'MarketBlocked';
  const free = order.side === 'bid' ? freeCash(market) : freeCoins(market);
  return needOf(order) > free ? 'InsufficientFree' : undefined;
}

/** Found late: an expired one reserves again what is free. */
export function reopen(market: ModelMarket, order: ModelOrder): void {
  const free = order.side === 'bid' ? freeCash(market) : freeCoins(market);
  if (order.status === 'expired') order.reserved = lesser(needOf(order), free);
  order.status = 'open';
}

export function settle(order: ModelOrder, status: OrderStatus): void {
  order.status = status;
  order.reserved = 0n;
}

export function bookFill(market: ModelMarket, order: ModelOrder, fill: ModelFill): void {
  if (order.booked.has(fill.id)) return;
  order.booked.add(fill.id);
  const funds = fundsOf(fill);
  const fee = feeOf(fill);
  if (order.side === 'bid') {
    payCash(market, order, funds + fee);
    market.coins += fill.quantity;
    return;
  }
  const available = order.reserved + freeCoins(market);
  order.reserved -= lesser(order.reserved, fill.quantity);
  market.coins -= lesser(available, fill.quantity);
  market.cash += funds - fee;
}

/** At the end: the fee the fills do not explain, then what is left of the reservation. */
export function finish(market: ModelMarket, order: ModelOrder, fills: readonly ModelFill[], extraFee: bigint): void {
  const beyond = feeBeyond(fills, extraFee);
  if (beyond > 0n) payCash(market, order, beyond);
  else market.cash -= beyond;
  const whole = sum(fills.map((fill) => fill.quantity)) === order.quantity;
  settle(order, whole ? 'filled' : 'canceled');
}

/** What the market cannot pay comes from outside: it is as if only what was available had been taken. */
function payCash(market: ModelMarket, order: ModelOrder, need: bigint): void {
  const own = order.side === 'bid' ? order.reserved : 0n;
  const available = own + freeCash(market);
  if (order.side === 'bid') order.reserved -= lesser(own, need);
  market.cash -= lesser(available, need);
}

function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}
