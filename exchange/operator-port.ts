import type { Market } from '../config/market.ts';
import type { DecimalText } from '../strategy/candle.ts';
import type { ExchangeOrder, OrderReference, Side } from './port.ts';

/**
 * Which of two orders of the same account gives way when they would trade with each other. The arriving order's word
 * counts, that of the resting one means nothing: the resting one is cancelled, the arriving one is, or both are reduced
 * by what they share.
 */
export type SelfMatch = 'cancel_maker' | 'cancel_taker' | 'reduce' | 'none';

/** `ioc`: what does not trade at once is cancelled. `fok`: all of it at once, or nothing. */
export type Immediate = 'ioc' | 'fok';

/**
 * Every order the exchange takes, but for its market. A `market` order takes what it needs at any price; a `best` order
 * trades at the best price of the other side alone; `post_only` is cancelled when any part of it would trade at once, and
 * leaves nothing to choose about self-matching.
 */
type TicketOf<Volume> =
  | ({ readonly type: 'limit'; readonly side: Side; readonly price: DecimalText; readonly volume: Volume } & (
      | { readonly timeInForce?: Immediate; readonly selfMatch?: SelfMatch }
      | { readonly timeInForce: 'post_only'; readonly selfMatch?: 'none' }
    ))
  | ({ readonly selfMatch?: SelfMatch } & (
      | { readonly type: 'market'; readonly side: 'bid'; readonly spendKrw: DecimalText }
      | { readonly type: 'market'; readonly side: 'ask'; readonly volume: Volume }
      | {
          readonly type: 'best';
          readonly side: 'bid';
          readonly spendKrw: DecimalText;
          readonly timeInForce: Immediate;
        }
      | { readonly type: 'best'; readonly side: 'ask'; readonly volume: Volume; readonly timeInForce: Immediate }
    ));

export type OrderTicket = { readonly market: Market } & TicketOf<DecimalText>;

/** As much as is left of the order that is replaced. */
export const REMAINING = 'remaining';

/** An order in place of another. Market and side stay; `side` must be that of the other, for it is not sent. */
export type ReplacementTicket = TicketOf<DecimalText | typeof REMAINING>;

/** What the exchange answers to a replacement. */
export interface Replacement {
  /** The order to be cancelled, as it was. */
  readonly previous: ExchangeOrder;
  /**
   * Of the new order. It need not exist: the exchange makes it once the previous one is cancelled, and where that fills
   * before, never. Only looking it up tells.
   */
  readonly exchangeOrderId: string;
  readonly identifier: string | undefined;
}

/** An order that would be accepted: KRW for a bid, coins for an ask. */
export interface OrderCost {
  /** Bound while the order rests, the reserved fee included. */
  readonly locked: DecimalText;
  /** KRW; nothing for an ask, whose fee comes out of what it brings. */
  readonly reservedFee: DecimalText;
}

/** Several orders by one kind of name. */
export type OrderReferences =
  | { readonly exchangeOrderIds: readonly string[] }
  | { readonly identifiers: readonly string[] };

/** Which open orders to cancel; all of them when nothing is said. */
export interface OpenOrderFilter {
  readonly side?: Side;
  /** Markets, or the currencies that pay for markets: `KRW`. */
  readonly among?: { readonly markets: readonly Market[] } | { readonly quoteCurrencies: readonly string[] };
  /** Kept, whatever else is said; at most 20. */
  readonly except?: readonly Market[];
  /** 1 to 300, the most of one request; 300 when left out. */
  readonly atMost?: number;
  /** Which of them come first where there are more; the newest when left out. */
  readonly first?: 'newest' | 'oldest';
}

/** One order of a request to cancel several, named as far as the exchange names it. */
export interface NamedOrder {
  readonly exchangeOrderId: string | undefined;
  readonly identifier: string | undefined;
  readonly market: string | undefined;
}

export interface Cancellations {
  /** The exchange will cancel these; until it has, they may still fill. */
  readonly accepted: readonly NamedOrder[];
  readonly refused: readonly NamedOrder[];
}

/**
 * What the owner of an account may ask beyond what the bot needs: every type of order, and several orders at once.
 * Every method throws only what `errors.ts` names.
 */
export interface OperatorExchange {
  /**
   * Has an order checked as if it were sent. Nothing is placed and no identifier is used up.
   *
   * @throws {OrderRejected} when it would be refused
   */
  testOrder(ticket: OrderTicket): Promise<OrderCost>;
  /**
   * Sends once, never again by itself.
   *
   * @param identifier client order id, unique for the account for ever, `[A-Za-z0-9_-]`, at most 64 characters
   * @throws {NotSent} when nothing of it left
   * @throws {AmbiguousSubmission} when it may have arrived
   */
  createOrder(ticket: OrderTicket, identifier: string): Promise<ExchangeOrder>;
  /**
   * Has an order cancelled and another of its market and side placed after that. Sends once, never again by itself.
   *
   * @param identifier of the new order, as of any order; a refusal uses it up
   * @returns `undefined` when the exchange knows no such open order
   * @throws {OrderRejected} when the new order is refused; whether the previous one is still open then is not documented
   * @throws {NotSent} when nothing of it left
   * @throws {AmbiguousSubmission} when it may have arrived
   */
  replaceOrder(
    previous: OrderReference,
    ticket: ReplacementTicket,
    identifier: string,
  ): Promise<Replacement | undefined>;
  /** Those of the named orders that the exchange knows, in no certain order, without fills. */
  fetchOrders(references: OrderReferences): Promise<readonly ExchangeOrder[]>;
  /** Asks for the cancellation of named orders. When it fails, some of more than 20 may have been asked for. */
  cancelOrders(references: OrderReferences): Promise<Cancellations>;
  /** Asks for the cancellation of open orders, in one request. */
  cancelOpenOrders(filter?: OpenOrderFilter): Promise<Cancellations>;
}
