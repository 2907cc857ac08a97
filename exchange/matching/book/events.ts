import type { Market } from '../../../config/market.ts';
import type { LedgerEvent } from '../events.ts';
import type { Side } from '../order.ts';

/**
 * What can happen in the book beside what happens to the account, as plain JSON. Amounts are decimal text, coins unless
 * said otherwise; times are epoch ms of market time.
 */
export type BookEvent =
  | LedgerEvent
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
  /** Our order took this out of the background as it stood after the print of that instant. `side` is the book's. */
  | {
      readonly type: 'taken';
      readonly market: Market;
      readonly print: number;
      readonly side: Side;
      readonly price: string;
      readonly volume: string;
    }
  /** Self-match prevention took this off an order. `locked` is free again: KRW with fee for a bid, coins for an ask. */
  | { readonly type: 'prevented'; readonly order: string; readonly volume: string; readonly locked: string };
