import type { Market } from '../../config/market.ts';
import type { OrderRequest, OrderState, Side } from './order.ts';

/**
 * What can happen to an account, as plain JSON: the one thing a driver has to store. Amounts are decimal text; times
 * are epoch ms of market time.
 */
export type LedgerEvent =
  | { readonly type: 'deposited'; readonly currency: string; readonly amount: string }
  | {
      readonly type: 'accepted';
      readonly uuid: string;
      readonly sequence: number;
      readonly at: number;
      readonly request: OrderRequest;
      readonly reservedFee: string;
      readonly locked: string;
      readonly feeRate: string;
    }
  | {
      readonly type: 'filled';
      readonly order: string;
      readonly uuid: string;
      readonly at: number;
      readonly price: string;
      readonly volume: string;
      readonly funds: string;
      readonly fee: string;
    }
  /** The order is over; what it still locks is free again. */
  | {
      readonly type: 'ended';
      readonly order: string;
      readonly state: Exclude<OrderState, 'wait'>;
      readonly at: number;
    }
  /** A rejected order used its identifier up: Upbit never takes it again. */
  | { readonly type: 'identifier-burned'; readonly identifier: string; readonly at: number }
  /** Self-match prevention took coins off an order. `locked` is free again: KRW with fee for a bid, coins for an ask. */
  | { readonly type: 'prevented'; readonly order: string; readonly volume: string; readonly locked: string }
  /** The trades of a market were followed up to this one: no earlier one is told again. */
  | { readonly type: 'followed'; readonly market: Market; readonly at: number; readonly id: string }
  | BookEvent;

/** What happens to the places of our orders in the book. Quantities are coins. */
export type BookEvent =
  /** An order came to rest behind so much that others have at its price. Without it, it is the first there. */
  | { readonly type: 'queued'; readonly order: string; readonly ahead: string }
  /** So much of what others have ahead of our orders at a price was traded. */
  | {
      readonly type: 'passed';
      readonly market: Market;
      readonly side: Side;
      readonly price: string;
      readonly volume: string;
    }
  /** Our order took this out of the background that stood since the instant `print`. `side` is the book's. */
  | {
      readonly type: 'taken';
      readonly market: Market;
      readonly print: number;
      readonly side: Side;
      readonly price: string;
      readonly volume: string;
    };

/** The order an event changes as its owner sees it, by uuid; undefined for one that changes none. */
export function orderChangedBy(event: LedgerEvent): string | undefined {
  if (event.type === 'accepted') return event.uuid;
  return event.type === 'filled' || event.type === 'ended' || event.type === 'prevented' ? event.order : undefined;
}
