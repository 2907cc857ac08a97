import type { DecimalText } from '../strategy/candle.ts';

/** A market the exchange lists, `KRW-BTC`, and what it warns of. */
export interface ListedMarket {
  readonly market: string;
  readonly koreanName: string;
  readonly englishName: string;
  /** Designated as a market to be careful with; it may be delisted. */
  readonly warning: boolean;
  /** The exchange's names of what it cautions about at the moment: `PRICE_FLUCTUATIONS`. */
  readonly cautions: readonly string[];
}

/** Lengths of candles: seconds, minutes, days, weeks from Monday, months, years, all in UTC. */
export const CANDLE_UNITS = [
  '1s',
  '1m',
  '3m',
  '5m',
  '10m',
  '15m',
  '30m',
  '60m',
  '240m',
  '1d',
  '1w',
  '1M',
  '1y',
] as const;

export type CandleUnit = (typeof CANDLE_UNITS)[number];

/** A candle of any length, its figures with every digit the exchange sent. */
export interface QuotedCandle {
  readonly market: string;
  /** Open of the candle, UTC epoch milliseconds. */
  readonly ts: number;
  readonly open: DecimalText;
  readonly high: DecimalText;
  readonly low: DecimalText;
  readonly close: DecimalText;
  readonly volume: DecimalText;
  readonly quoteVolume: DecimalText;
  /** When the last trade in it was noted, UTC epoch milliseconds. */
  readonly lastTradeAt: number;
  /** Candles of a day alone. */
  readonly day?: {
    readonly previousClose: DecimalText;
    /** Close against `previousClose`, with its sign; the rate as a fraction. */
    readonly change: DecimalText;
    readonly changeRate: DecimalText;
    /** The close in KRW, where it was asked for. */
    readonly closeKrw: DecimalText | undefined;
  };
  /** Candles of a week, month or year alone: `2025-06-23`. */
  readonly firstDay?: string;
}

/** Candles newest first, the one still forming included; a stretch without trades has none. */
export interface QuotedCandles {
  readonly candles: readonly QuotedCandle[];
  /** The response's `Date` header: UTC epoch milliseconds, whole seconds. */
  readonly exchangeClock: number;
}

export interface QuotedCandleRequest {
  /** Only candles that open strictly before this instant (UTC epoch milliseconds); newest ones when absent. */
  readonly to?: number;
  /** 1 to 200. */
  readonly count: number;
  /** Whether days come with their close in KRW too. */
  readonly inKrw?: boolean;
}

/** A market at a glance. Days are UTC days; rates are fractions. */
export interface Ticker {
  readonly market: string;
  /** The last trade: its price is `price`. UTC epoch milliseconds. */
  readonly tradedAt: number;
  readonly price: DecimalText;
  readonly lastVolume: DecimalText;
  /** The day so far. */
  readonly open: DecimalText;
  readonly high: DecimalText;
  readonly low: DecimalText;
  readonly volume: DecimalText;
  readonly quoteVolume: DecimalText;
  readonly volume24h: DecimalText;
  readonly quoteVolume24h: DecimalText;
  readonly previousClose: DecimalText;
  readonly direction: 'even' | 'rise' | 'fall';
  /** `price` against `previousClose`, with its sign. */
  readonly change: DecimalText;
  readonly changeRate: DecimalText;
  /** The extremes of 52 weeks and their days, `2025-06-24`. */
  readonly highest: { readonly price: DecimalText; readonly day: string };
  readonly lowest: { readonly price: DecimalText; readonly day: string };
  /** UTC epoch milliseconds. */
  readonly timestamp: number;
}

export interface BookLevel {
  readonly price: DecimalText;
  readonly size: DecimalText;
}

export interface OrderBook {
  readonly market: string;
  /** UTC epoch milliseconds. */
  readonly timestamp: number;
  /** Best first. */
  readonly asks: readonly BookLevel[];
  readonly bids: readonly BookLevel[];
  readonly totalAskSize: DecimalText;
  readonly totalBidSize: DecimalText;
  /** Width of the price steps that are put together; 0 where none are. */
  readonly level: DecimalText;
}

export interface OrderBookRequest {
  /** One of the market's `bookLevels`. Of a market that does not support it the exchange returns no book at all. */
  readonly level?: DecimalText;
  /** Levels a side, 1 to 30. */
  readonly count?: number;
}

/** In which steps a market is priced. */
export interface Instrument {
  readonly market: string;
  readonly quoteCurrency: string;
  /** The step at the current price; it is another further away. */
  readonly tickSize: DecimalText;
  readonly bookLevels: readonly DecimalText[];
}

/** A trade between anybody. */
export interface PublicTrade {
  readonly market: string;
  /** UTC epoch milliseconds. */
  readonly at: number;
  readonly price: DecimalText;
  readonly volume: DecimalText;
  readonly previousClose: DecimalText;
  /** Against `previousClose`, with its sign. */
  readonly change: DecimalText;
  /** Who took what rested in the book. */
  readonly taker: 'bid' | 'ask';
  /** Unique, not in order, and beyond what a JavaScript number holds. */
  readonly id: string;
}

export interface TradeRequest {
  /** 1 to 500. */
  readonly count: number;
  /** UTC time of day before which they happened: `23:59:59`. */
  readonly to?: string;
  /** Trades of so many UTC days ago, 1 to 7. */
  readonly daysAgo?: number;
  /** Goes on after the trade with this id, backward in time. */
  readonly cursor?: string;
}

/**
 * Everything an exchange shows without a key. Every method throws only what `errors.ts` names; `UnknownMarket` when any
 * of the markets is not listed.
 */
export interface Quotation {
  listMarkets(): Promise<readonly ListedMarket[]>;
  fetchCandles(market: string, unit: CandleUnit, request: QuotedCandleRequest): Promise<QuotedCandles>;
  fetchTickers(markets: readonly string[]): Promise<readonly Ticker[]>;
  /** Of all markets that are paid for in one of these currencies. */
  fetchAllTickers(quoteCurrencies: readonly string[]): Promise<readonly Ticker[]>;
  fetchOrderBooks(markets: readonly string[], request?: OrderBookRequest): Promise<readonly OrderBook[]>;
  fetchInstruments(markets: readonly string[]): Promise<readonly Instrument[]>;
  /** Newest first. */
  fetchTrades(market: string, request: TradeRequest): Promise<readonly PublicTrade[]>;
}
