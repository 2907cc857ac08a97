/** Functions of the bot at whose beginning and end an order's life can be interrupted. */
export const GATED_FUNCTIONS = {
  'activities/trading/compare-account.ts': ['compareAccount'],
  'activities/trading/decide.ts': ['decideOnce'],
  'activities/trading/order-fills.ts': ['pollOnce'],
  'activities/trading/place-order.ts': ['placeOrder'],
  'activities/trading/resolve-order.ts': ['resolveOrder'],
  'activities/trading/settle-orders.ts': ['settleOrders'],
  'db/account-differences.ts': ['recordComparison'],
  'db/decisions.ts': ['writeStaleDecisions'],
  'db/fill-booking.ts': ['bookFills'],
  'db/locked-order.ts': ['moveOrder', 'settleOrder'],
  'db/order-outcomes.ts': ['recordAccepted', 'recordRefusal', 'recordNotSent', 'giveUpSending', 'markExpired'],
  'db/order-sending.ts': ['beginSending', 'renewSending'],
  'db/orders.ts': ['insertIntendedOrder'],
  'db/trades.ts': ['recordFills'],
} as const;

/** The same of the exchange's client, whose methods are gated one by one. */
export const CLIENT_MODULE = 'exchange/upbit/client.ts';
export const GATED_CALLS = ['createOrder', 'fetchOrder', 'cancelOrder', 'fetchBalances', 'fetchOpenOrders'] as const;

type GatedFunction = (typeof GATED_FUNCTIONS)[keyof typeof GATED_FUNCTIONS][number];
export type Gated = GatedFunction | (typeof GATED_CALLS)[number];

/** A process of the bot that stands at a named place and waits to be told what becomes of it. */
export interface Visit {
  readonly pid: number;
  readonly when: 'before' | 'after';
  readonly of: Gated;
  /** Gated functions it was called from, the outermost first. */
  readonly within: readonly Gated[];
  /** Identifier of the order concerned, where there is one. */
  readonly order: string | null;
  readonly market: string | null;
  /** What the call is about, or came to: a status, an error's name. */
  readonly detail: string | null;
}

/**
 * `go`: on. `lose`: what was done is done, and whoever asked for it is told that the connection broke. `unconnected`, of a
 * request to the exchange: it goes where nobody listens.
 */
export type Verdict = 'go' | 'lose' | 'unconnected';
