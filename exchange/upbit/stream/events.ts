import type { DecimalText } from '../../../strategy/candle.ts';
import type { OrderBook, PublicTrade, QuotedCandle, Ticker } from '../../quotation-port.ts';
import type { StreamCandleUnit } from './short-names.ts';

/** Whether a message shows how things stood when it was asked for, or what has just happened. */
export type Origin = 'snapshot' | 'realtime';

/** One step of an order of the account. */
export interface StreamOrder {
  readonly exchangeOrderId: string;
  readonly identifier: string | undefined;
  readonly market: string;
  readonly side: 'bid' | 'ask';
  readonly type: string;
  readonly timeInForce: string | undefined;
  /** `trade`: a fill, told in `fill`. A filled market buy ends in `cancel`. */
  readonly state: 'wait' | 'watch' | 'trade' | 'done' | 'cancel' | 'prevented';
  /** The order's own, undefined where it has none and where the exchange tells the fill's in its place. */
  readonly price: DecimalText | undefined;
  readonly volume: DecimalText | undefined;
  readonly remainingVolume: DecimalText | undefined;
  readonly executedVolume: DecimalText;
  readonly executedFunds: DecimalText;
  readonly averagePrice: DecimalText | undefined;
  readonly paidFee: DecimalText;
  readonly locked: DecimalText;
  readonly tradesCount: number;
  readonly fill: StreamFill | undefined;
  /** UTC epoch milliseconds. */
  readonly orderedAt: number;
  readonly at: number;
}

export interface StreamFill {
  readonly exchangeTradeId: string;
  readonly price: DecimalText;
  readonly volume: DecimalText;
  readonly fee: DecimalText | undefined;
  readonly isMaker: boolean | undefined;
  /** UTC epoch milliseconds. */
  readonly executedAt: number | undefined;
}

/** Balances that changed. */
export interface StreamAssets {
  readonly assets: readonly { readonly currency: string; readonly free: DecimalText; readonly locked: DecimalText }[];
  /** UTC epoch milliseconds. */
  readonly at: number;
}

/** What the exchange sent, numbers as text with every digit. */
export type StreamData =
  | { readonly kind: 'ticker'; readonly origin: Origin; readonly ticker: Ticker }
  /** A trade is told by its id from any other; ids are text and not in order. */
  | { readonly kind: 'trade'; readonly origin: Origin; readonly trade: PublicTrade }
  | { readonly kind: 'orderbook'; readonly origin: Origin; readonly book: OrderBook }
  /** The same candle comes again and again; the last message of it holds. A snapshot may be of an older one. */
  | {
      readonly kind: 'candle';
      readonly origin: Origin;
      readonly unit: StreamCandleUnit;
      readonly candle: QuotedCandle;
    }
  | { readonly kind: 'order'; readonly order: StreamOrder }
  | { readonly kind: 'assets'; readonly assets: StreamAssets };

/** One type of data of one market; without a market: of the whole account. */
export interface Topic {
  /** `trade`, `candle.1m`, `myOrder` … */
  readonly type: string;
  readonly market: string | undefined;
}

export type StreamEvent =
  | StreamData
  /**
   * What happened before this may be missing: ask REST. After a connect it comes when the stream is known to flow, so
   * that what REST does not show yet the stream shows; `connected`: a first or new connection; `silent`: nothing came
   * for too long, and this comes again after as long.
   */
  | { readonly kind: 'gap'; readonly reason: 'connected' | 'silent'; readonly topics: readonly Topic[] }
  /** The connection is gone, or did not come about; the next try is under way. */
  | { readonly kind: 'disconnected'; readonly reason: string; readonly retryInMs: number }
  /** The exchange does not want what we sent, in the words of `exchange/errors.ts`. It is tried again. */
  | { readonly kind: 'refused'; readonly error: Error }
  /** A message that is not as documented. */
  | { readonly kind: 'unreadable'; readonly error: Error }
  /** Nothing will come any more: the key is refused, and asking on could block it. */
  | { readonly kind: 'stopped'; readonly error: Error };
