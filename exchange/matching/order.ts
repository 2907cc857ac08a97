import type { Market } from '../../config/market.ts';
import { type Decimal, Exact } from './exact.ts';

export type Side = 'bid' | 'ask';
/** `limit`; `price` buys for a total of KRW; `market` sells a quantity; `best` does either at the opposite best price. */
export type OrderType = 'limit' | 'price' | 'market' | 'best';
export type TimeInForce = 'ioc' | 'fok' | 'post_only';
/** `done`: wholly filled. `cancel`: every other end, which on Upbit includes a market buy with won left over. */
export type OrderState = 'wait' | 'done' | 'cancel';

/** What a client asks for, as text, before any rule was applied. */
export interface OrderRequest {
  readonly market: Market;
  readonly side: Side;
  readonly type: OrderType;
  /** KRW: price of one coin for `limit`, total to spend for `price` and a `best` bid. */
  readonly price?: string;
  /** Coins. */
  readonly volume?: string;
  readonly timeInForce?: TimeInForce;
  readonly smpType?: string;
  readonly identifier?: string;
}

/** One execution. `funds` is price × volume in KRW; `fee` in KRW; `at` in epoch ms of market time. */
export interface Fill {
  readonly uuid: string;
  readonly at: number;
  readonly price: Decimal;
  readonly volume: Decimal;
  readonly funds: Decimal;
  readonly fee: Decimal;
}

/** An order the exchange accepted, with everything that happened to it. */
export interface Order {
  readonly uuid: string;
  /** 1 for the account's first order; decides priority and listing order. */
  readonly sequence: number;
  readonly request: OrderRequest;
  /** Epoch ms of market time. */
  readonly createdAt: number;
  readonly price: Decimal | undefined;
  readonly volume: Decimal | undefined;
  /** KRW set aside for the fee of a bid; zero for an ask, whose fee comes out of the proceeds. */
  readonly reservedFee: Decimal;
  /** What acceptance locked: KRW with fee for a bid, coins for an ask. */
  readonly initiallyLocked: Decimal;
  readonly feeRate: Decimal;
  state: OrderState;
  executedVolume: Decimal;
  executedFunds: Decimal;
  paidFee: Decimal;
  /** Coins that self-match prevention took off, and what that freed: KRW with fee of a bid, coins of an ask. */
  preventedVolume: Decimal;
  preventedLocked: Decimal;
  fills: Fill[];
}

/** Coins still to trade; undefined for orders placed by total. */
export function remainingVolume(order: Order): Decimal | undefined {
  return order.volume?.minus(order.executedVolume).minus(order.preventedVolume);
}

/** KRW of the reserved fee not yet paid. Not zeroed when the order ends: real responses keep the difference. */
export function remainingFee(order: Order): Decimal {
  return order.request.side === 'bid' ? order.reservedFee.minus(order.paidFee) : new Exact(0);
}

/**
 * What acceptance locked minus what executions used and prevention freed. An ended order keeps this figure although its funds are free
 * again, as Upbit's responses do (upbit-samples: a bid at 7365 filled at 7350 is `done` with locked 101.88…).
 */
export function lockedByOrder(order: Order): Decimal {
  const used = order.request.side === 'bid' ? order.executedFunds.plus(order.paidFee) : order.executedVolume;
  return order.initiallyLocked.minus(used).minus(order.preventedLocked);
}
