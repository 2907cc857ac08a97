import type { OrderRequest, OrderState } from './order.ts';

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
  | { readonly type: 'identifier-burned'; readonly identifier: string; readonly at: number };
