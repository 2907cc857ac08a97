import type { ColumnType, Generated } from 'kysely';
import type { OrderLeg } from '../strategy/order-identifier.ts';
import type { OrderSide } from '../strategy/order-money.ts';
import type { OrderStatus } from '../strategy/order-states.ts';

/** `numeric`: text both ways, so that no figure passes through a float. */
type Numeric = ColumnType<string, string, string>;
/** `timestamptz`: read as a Date, written as a Date or ISO 8601 text. */
type Instant = ColumnType<Date, Date | string, Date | string>;
/** `numeric` that starts at 0. */
type Sum = ColumnType<string, string | undefined, string>;
/** Set by PostgreSQL's own clock: wall time, unlike candles and deadlines. */
type RecordedAt = ColumnType<Date, never, never>;
/** `jsonb`: written as text, so that `pg` never has to guess. */
type Json<T> = ColumnType<T, string, never>;

export interface CandlesTable {
  market: string;
  timeframe: string;
  /** Open of the candle, UTC. */
  ts: Instant;
  open: Numeric;
  high: Numeric;
  low: Numeric;
  close: Numeric;
  volume: Numeric;
  quote_volume: Numeric;
}

/** What a candle said before the exchange corrected it, or that it appeared after its minute counted as empty. */
export interface CandleRevisionsTable {
  id: Generated<string>;
  market: string;
  timeframe: string;
  ts: Instant;
  kind: 'corrected' | 'late';
  /** The figures that were replaced; null for a late candle, which replaced nothing. */
  open: Numeric | null;
  high: Numeric | null;
  low: Numeric | null;
  close: Numeric | null;
  volume: Numeric | null;
  quote_volume: Numeric | null;
  noticed_at: Generated<Date>;
}

export interface CandleCoverageTable {
  market: string;
  timeframe: string;
  /** `tstzmultirange` of candle opens for which the exchange was asked and answered. */
  covered: string;
}

export interface SettingsTable {
  key: string;
  value: string;
}

/** `reducing`: sales go out, purchases do not. `halted`: nothing goes out. */
export interface TradingStateTable {
  account: string;
  state: Generated<'active' | 'reducing' | 'halted'>;
  reason: string | null;
  since: Generated<Date>;
}

/** Whose money: one sub-account per market. `cash` and `quantity` include what is reserved. */
export interface MarketAccountsTable {
  account: string;
  market: string;
  cash: Sum;
  reserved_cash: Sum;
  quantity: Sum;
  reserved_quantity: Sum;
  /** What the coins held were bought for, fees included, KRW. */
  cost: Sum;
  realised_profit: Sum;
  /** Open of the first candle this market traded on, market time. */
  trading_since: Instant | null;
}

/** Money and coins that came or went otherwise than by trading. Signed; never changed once written. */
export interface CashFlowsTable {
  id: Generated<string>;
  account: string;
  market: string;
  kind: 'allocate' | 'withdraw' | 'adopt' | 'adjust';
  cash: Sum;
  quantity: Sum;
  cost: Sum;
  note: string;
  /** Unique per account where given: recording the same reference again changes nothing. */
  reference: string | null;
  at: RecordedAt;
}

/** What was decided about a closed candle, and from what. Never changed once written. */
export interface DecisionsTable {
  id: Generated<string>;
  account: string;
  market: string;
  timeframe: string;
  /** Open of the candle, market time. */
  candle: Instant;
  trigger: string;
  signals: Json<Readonly<Record<string, number>>> | null;
  weights: Json<Readonly<Record<string, string>>> | null;
  threshold: Numeric | null;
  score: Numeric | null;
  action: 'buy' | 'sell' | 'hold' | 'blocked' | 'stale';
  reason: string;
  input_hash: string | null;
  optimizer_result: string | null;
  decided_at: RecordedAt;
}

/** The edges of strategy/order-states.ts, which the trigger on `orders` obeys. */
export interface OrderTransitionsTable {
  from_status: OrderStatus;
  to_status: OrderStatus;
}

export interface OrdersTable {
  id: Generated<string>;
  account: string;
  identifier: string;
  exchange_order_id: string | null;
  market: string;
  leg: OrderLeg;
  side: OrderSide;
  /** KRW. */
  price: Numeric;
  /** Coins ordered. */
  quantity: Numeric;
  /** Coins executed as the exchange last said; the fills recorded may still lag behind it. */
  executed_quantity: Sum;
  /** Fraction: `0.0005`. */
  fee_rate: Numeric;
  /** KRW, as the exchange last said. */
  paid_fee: Sum;
  /** What is still reserved for it in its market's sub-account. */
  reserved_cash: Numeric;
  reserved_quantity: Numeric;
  status: OrderStatus;
  status_reason: string | null;
  /** The order as it is sent, each time. */
  request: Json<Readonly<Record<string, string>>>;
  /** Market time. */
  deadline: Instant;
  decision: string | null;
  created_at: RecordedAt;
  /** When it was last about to be sent, wall time. */
  sending_at: ColumnType<Date | null, never, Date | null>;
  settled_at: ColumnType<Date | null, never, Date | null>;
}

/** Fills, in the order they were booked. Never changed once written. */
export interface TradesTable {
  id: Generated<string>;
  account: string;
  order_id: string;
  exchange_trade_id: string;
  /** Market time. */
  executed_at: Instant;
  price: Numeric;
  quantity: Numeric;
  funds: Numeric;
  /** Funds × the order's fee rate, exactly. */
  fee: Numeric;
}

/**
 * Where ledger and exchange part. `fee-difference`: the exchange's fee is not the sum of the fills' fees. `cover`: put
 * in from outside the sub-account for an order that was found after its money had been given back.
 */
export interface LedgerAdjustmentsTable {
  id: Generated<string>;
  account: string;
  market: string;
  order_id: string | null;
  kind: 'fee-difference' | 'cover';
  cash: Sum;
  quantity: Sum;
  cost: Sum;
  realised_profit: Sum;
  cause: string;
  at: RecordedAt;
}

/** Orders on the account that the ledger does not explain: made by hand, by another program, or lost from it. */
export interface ForeignOrdersTable {
  account: string;
  exchange_order_id: string;
  identifier: string | null;
  market: string;
  side: OrderSide;
  /** The exchange's word; `not-found` once it does not know it any more. */
  state: string;
  executed_quantity: Sum;
  executed_funds: Sum;
  paid_fee: Sum;
  /** Null until somebody says whose it is. */
  classified_as: 'by-hand' | 'other-program' | null;
  note: string | null;
  first_seen: RecordedAt;
  /** When it was last said whose it is: what it moved later is not covered by that. */
  classified_at: ColumnType<Date | null, never, Date>;
  /** Since when the ledger tells of it, which had refused it; null while it does not. */
  booked_at: ColumnType<Date | null, never, Date | null>;
}

/** Stretches in which every stored candle has its decision; triggers take out what is stored there later. */
export interface DecisionCoverageTable {
  account: string;
  market: string;
  timeframe: string;
  /** `tstzmultirange` of candle opens. */
  decided: ColumnType<string, string | undefined, string>;
}

/** Orders that are, or were, looked up singly at the exchange. */
export interface OrderLookUpsTable {
  account: string;
  /** Identifier or exchange order id. */
  name: string;
  /** When it last had its turn, where not all had one; wall time. */
  asked_at: Date | null;
  /** Since when the exchange's answer cannot be believed; wall time. Null while it can. */
  unclear_since: Date | null;
}

/** How far the account has been held against the exchange. */
export interface AccountComparisonsTable {
  account: string;
  /** Ended orders created before this market time have been looked at. */
  orders_until: Instant | null;
  /** When balances were last held against the ledger, wall time; null before the first time. */
  compared_at: Instant | null;
  /** The same, market time. */
  market_time: Instant | null;
  /** By currency, what the exchange then held beyond what the ledger owns; below zero where the ledger owns more. */
  outside: ColumnType<Readonly<Record<string, string>>, string | undefined, string>;
}

/**
 * Changes of what the exchange holds that the bot's trading does not explain: their sum by currency is what the account
 * would hold without that trading. Signed; never changed once written.
 */
export interface AccountDifferencesTable {
  id: Generated<string>;
  account: string;
  currency: string;
  amount: Numeric;
  /** `opening`: what was there when comparing began, in one row a currency, also where it was nothing. */
  cause: 'opening' | 'deposit-or-withdrawal' | 'hand-trade' | 'fill-not-booked' | 'order-not-in-ledger' | 'unknown';
  /** The order in `foreign_orders` that caused it. */
  exchange_order_id: string | null;
  /** One sentence for people. */
  detail: string;
  /** When it was seen. */
  market_time: Instant;
  at: RecordedAt;
}

/** Weights and threshold a search found best, and how they would have done. Never changed once written. */
export interface OptimizerResultsTable {
  id: Generated<string>;
  market: string;
  timeframe: string;
  /** Open of the first candle read, market time. */
  window_from: Instant;
  /** Close of the last one. */
  window_until: Instant;
  /** Candles read; the first of them only fill the window of the first decision. */
  candles: number;
  /** Candles decided on. */
  decided: number;
  /** Minutes of the window without a trade, which have no candle. */
  empty_minutes: number;
  /** `tstzrange` that nobody has asked the exchange for and that kept the window from reaching further back. */
  gap_before: string | null;
  /** What was searched; with market, timeframe and end of the window it is unique. */
  space: string;
  candidates: number;
  costs: Json<Readonly<Record<string, string>>>;
  params: Json<{ readonly weights: Readonly<Record<string, string>>; readonly threshold: string }>;
  /** On the very candles the search was made on. */
  metrics: Json<Readonly<Record<string, string | number | null>>>;
  /** The same on candles the search has not seen; null where that was not tried. */
  out_of_sample: Json<Readonly<Record<string, string | number | null>>> | null;
  /** The best of its search. */
  is_best: boolean;
  recorded_at: RecordedAt;
}

/** Which result is traded on: the newest row of an account's market counts. Never changed once written. */
export interface PromotionsTable {
  id: Generated<string>;
  account: string;
  market: string;
  timeframe: string;
  /** Null: the default weights. */
  optimizer_result: string | null;
  /** `operator`: kept until handed back · `handed-back`: the same result, and automatic promotion may follow. */
  chosen_by: 'operator' | 'in-sample' | 'handed-back';
  reason: string;
  at: RecordedAt;
}

/** What a market's sub-account was worth after a decision. */
export interface EquityCurveTable {
  account: string;
  market: string;
  /** Market time. */
  at: Instant;
  cash: Numeric;
  quantity: Numeric;
  price: Numeric;
  equity: Numeric;
}

/** How the exchange's streams stand, one row each, as who listens last said; wall times. */
export interface StreamReportsTable {
  /** What it tells of. */
  stream: 'prices' | 'orders';
  state: 'connecting' | 'connected' | 'cut' | 'ended';
  since: Instant;
  /** Why it is cut or ended. */
  reason: string | null;
  last_news_at: Instant | null;
  gaps_healed: number;
  reported_at: Instant;
}

/** What the exchange refuses an account's key for; no row where it accepts it. Wall times. */
export interface KeyRefusalsTable {
  account: string;
  /** All that bears the key's signature, or what needs one permission. */
  scope: 'every call' | 'balances' | 'look-ups' | 'orders';
  /** The exchange's own name for it, the newest. */
  reason: string;
  /** What that means and what to do, for the operator; empty where the exchange's name is all there is. */
  meaning: string;
  since: Instant;
  last_at: Instant;
  /** In a row. */
  refusals: number;
  /** What was asked last, by its name in the exchange port. */
  call: string;
  /** Of the order that was about, where it named one. */
  identifier: string | null;
}

/** The whole database, one entry per table. A test holds it against a migrated database. */
export interface Database {
  candles: CandlesTable;
  candle_revisions: CandleRevisionsTable;
  candle_coverage: CandleCoverageTable;
  settings: SettingsTable;
  trading_state: TradingStateTable;
  market_accounts: MarketAccountsTable;
  decisions: DecisionsTable;
  order_transitions: OrderTransitionsTable;
  orders: OrdersTable;
  cash_flows: CashFlowsTable;
  trades: TradesTable;
  ledger_adjustments: LedgerAdjustmentsTable;
  foreign_orders: ForeignOrdersTable;
  decision_coverage: DecisionCoverageTable;
  order_look_ups: OrderLookUpsTable;
  account_comparisons: AccountComparisonsTable;
  account_differences: AccountDifferencesTable;
  optimizer_results: OptimizerResultsTable;
  promotions: PromotionsTable;
  equity_curve: EquityCurveTable;
  stream_reports: StreamReportsTable;
  key_refusals: KeyRefusalsTable;
}
