import type { Market } from '../config/market.ts';
import type { Candle, DecimalText } from '../strategy/candle.ts';

/** Candles newest first, the one still forming included, with the exchange's clock at the moment of the answer. */
export interface CandlePage {
  readonly candles: readonly Candle[];
  /** The response's `Date` header: UTC epoch milliseconds, whole seconds. */
  readonly exchangeClock: number;
}

export interface CandleRequest {
  /** Only candles that open strictly before this instant (UTC epoch milliseconds); newest ones when absent. */
  readonly to?: number;
  /** 1 to 200. */
  readonly count: number;
}

/** Coins or KRW held at the exchange. */
export interface Balance {
  readonly currency: string;
  /** What can be ordered with, already net of `locked`. */
  readonly free: DecimalText;
  /** Bound in open orders and withdrawals. */
  readonly locked: DecimalText;
  readonly averageBuyPrice: DecimalText;
}

/** Fees and limits that apply to the next order of a market. Rates as fractions: `0.0005` is 0.05 %. */
export interface OrderTerms {
  readonly bidFeeRate: DecimalText;
  readonly askFeeRate: DecimalText;
  readonly minimumBidKrw: DecimalText;
  readonly minimumAskKrw: DecimalText;
  readonly maximumKrw: DecimalText;
}

export type Side = 'bid' | 'ask';

interface OrderBase {
  readonly market: Market;
  /** Client order id, unique for the account for ever, `[A-Za-z0-9_-]`, at most 64 characters. */
  readonly identifier: string;
}

/** What to send. A market buy names the KRW to spend, a market sell the coins to sell. */
export type OrderRequest = OrderBase &
  (
    | { readonly type: 'limit'; readonly side: Side; readonly price: DecimalText; readonly volume: DecimalText }
    | { readonly type: 'market'; readonly side: 'bid'; readonly spendKrw: DecimalText }
    | { readonly type: 'market'; readonly side: 'ask'; readonly volume: DecimalText }
  );

/** One fill. The exchange gives no fee for it. */
export interface Fill {
  readonly exchangeTradeId: string;
  readonly price: DecimalText;
  readonly volume: DecimalText;
  readonly funds: DecimalText;
  /** UTC epoch milliseconds, where the exchange says. */
  readonly executedAt: number | undefined;
}

/** An order as the exchange shows it. Judge by `executedVolume`: a filled market buy ends in `cancel` on Upbit. */
export interface ExchangeOrder {
  readonly exchangeOrderId: string;
  readonly identifier: string | undefined;
  readonly market: string;
  readonly side: Side;
  readonly state: 'wait' | 'watch' | 'done' | 'cancel';
  readonly price: DecimalText | undefined;
  readonly volume: DecimalText | undefined;
  readonly executedVolume: DecimalText;
  readonly paidFee: DecimalText;
  /** Present where the order was asked for singly. */
  readonly fills: readonly Fill[];
}

export type OrderReference = { readonly exchangeOrderId: string } | { readonly identifier: string };

/** Prices, without a key. Every method throws only what `errors.ts` names. */
export interface MarketDataExchange {
  listMarkets(): Promise<readonly string[]>;
  fetchMinuteCandles(market: Market, request: CandleRequest): Promise<CandlePage>;
}

/** The account behind a key. Every method throws only what `errors.ts` names. */
export interface TradingExchange {
  fetchBalances(): Promise<readonly Balance[]>;
  fetchOrderTerms(market: Market): Promise<OrderTerms>;
  /**
   * Sends once, never again by itself.
   *
   * @param startBy instant of `performance.now()` after which it is not sent any more, whatever it had to wait for
   * @param startByWall the same of `Date.now()`: the other clock stands still while the machine is suspended
   * @throws {NotSent} when nothing of it left: it came too late, had to wait too long, or no connection was to be had
   * @throws {AmbiguousSubmission} when it may have arrived
   */
  createOrder(request: OrderRequest, startBy?: number, startByWall?: number): Promise<ExchangeOrder>;
  /** `undefined` when the exchange knows no such order. */
  fetchOrder(reference: OrderReference): Promise<ExchangeOrder | undefined>;
  /** Asks for cancellation; the order may still fill. `undefined` when the exchange knows no such open order. */
  cancelOrder(reference: OrderReference): Promise<ExchangeOrder | undefined>;
  /** Every order that rests, oldest first, without fills. */
  fetchOpenOrders(): Promise<readonly ExchangeOrder[]>;
  /** Every ended order created in the stretch (UTC epoch milliseconds, both ends included), oldest first, without fills. */
  fetchClosedOrders(created: { readonly from: number; readonly until: number }): Promise<readonly ExchangeOrder[]>;
}

export interface Exchange extends MarketDataExchange, TradingExchange {}
