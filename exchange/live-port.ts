import type { Market } from '../config/market.ts';
import type { DecimalText } from '../strategy/candle.ts';
import type { Fill, Side } from './port.ts';

/**
 * What an exchange tells by itself. It lets a consumer look sooner; it is never the record: lines break, and nobody
 * tells afterwards what happened meanwhile. `gap` says when to ask the other ports, and whoever does so each time misses
 * nothing.
 */
export type LineNews =
  /** The line is gone, or did not come about; the next try is under way, and a gap follows it. */
  | { readonly kind: 'offline'; readonly reason: string; readonly retryInMs: number }
  /** Nothing will be told any more: the key is refused. */
  | { readonly kind: 'stopped'; readonly error: Error };

/**
 * Why something may be missing. `connected`: after each connect, the first included, once the line flows, so that what
 * the answer of REST does not show yet the line tells; `silent`: nothing came for long, which may be the market's calm;
 * `unreadable`: a message could not be read.
 */
export type GapReason = 'connected' | 'silent' | 'unreadable';

export type MarketNews =
  | LineNews
  | { readonly kind: 'gap'; readonly reason: GapReason; readonly markets: readonly Market[] }
  /** The last trade; `at` never goes back. UTC epoch milliseconds. */
  | { readonly kind: 'price'; readonly market: Market; readonly price: DecimalText; readonly at: number }
  /**
   * Every minute that opened before `until` (UTC epoch milliseconds) is over: a trade after it shows it. A market without
   * trades tells nothing, however many of its minutes pass.
   */
  | { readonly kind: 'minute-closed'; readonly market: Market; readonly until: number };

/** An order of the account after one of its steps. */
export interface LiveOrder {
  readonly exchangeOrderId: string;
  readonly identifier: string | undefined;
  readonly market: string;
  readonly side: Side;
  /** Whether it rests no more; whether it was filled `executedVolume` says. */
  readonly isOver: boolean;
  readonly executedVolume: DecimalText;
  readonly paidFee: DecimalText;
  /** UTC epoch milliseconds. */
  readonly at: number;
}

/** A fill, with what only the line tells of it. */
export interface LiveFill extends Fill {
  readonly fee: DecimalText | undefined;
  readonly isMaker: boolean | undefined;
}

export type AccountNews =
  | LineNews
  | { readonly kind: 'gap'; readonly reason: GapReason }
  /** Accepted, changed, or over. */
  | { readonly kind: 'order'; readonly order: LiveOrder }
  | { readonly kind: 'fill'; readonly order: LiveOrder; readonly fill: LiveFill }
  /** Those that changed. */
  | {
      readonly kind: 'balances';
      readonly balances: readonly {
        readonly currency: string;
        readonly free: DecimalText;
        readonly locked: DecimalText;
      }[];
    };

/** Comes back by itself until it is closed or has stopped. */
export interface LiveLine {
  /** After it has begun nothing is told any more. */
  close(): Promise<void>;
}

/** Prices as they move, without a key. */
export interface LiveMarkets {
  /** @param onNews told everything, in order; what it throws is not caught */
  watchMarkets(markets: readonly Market[], onNews: (news: MarketNews) => void): LiveLine;
}

/** The account behind a key as it changes. */
export interface LiveAccount {
  /** @param onNews told everything, in order; what it throws is not caught */
  watchAccount(onNews: (news: AccountNews) => void): LiveLine;
}
