import type { Market } from '../../../config/market.ts';
import type { Liquidity } from '../../matching/liquidity.ts';
import { previousClose } from '../feed/day-change.ts';
import type { History } from '../feed/history.ts';
import { DAY_MS } from '../feed/minute-candle.ts';
import { tickerAt } from '../feed/ticker.ts';
import type { FeedTrade } from '../feed/trades.ts';
import type { SeenCandle } from '../feed/visible.ts';
import { priceJson, rateJson, valueJson, volumeJson } from '../wire/json-number.ts';
import { orderBookJson, priceOf, sizeOf } from '../wire/order-book-json.ts';
import { compactDate, compactTime, directionOf } from '../wire/ticker-json.ts';
import { kstText, utcText } from '../wire/times.ts';
import { sequentialId } from '../wire/trade-json.ts';
import { type Fields, quoted, type StreamMessage } from './message.ts';
import type { TakerVolumes } from './taker-volumes.ts';

export type StreamType = 'SNAPSHOT' | 'REALTIME';

/** The ticker at `now`; undefined before the first trade ever. */
export function tickerMessage(
  market: Market,
  history: History,
  taken: TakerVolumes,
  now: number,
  stream: StreamType,
): StreamMessage | undefined {
  const ticker = tickerAt(history, now);
  if (ticker === undefined) return undefined;
  const { last, day, previousClose: previous, past24h, highest, lowest } = ticker;
  const change = last.price - previous;
  const size = change < 0n ? -change : change;
  const { ask, bid } = taken(day.start, now);
  return {
    kind: 'ticker',
    fields: [
      ['type', quoted('ticker')],
      ['code', quoted(market)],
      ['opening_price', priceJson(day.open)],
      ['high_price', priceJson(day.high)],
      ['low_price', priceJson(day.low)],
      ['trade_price', priceJson(last.price)],
      ['prev_closing_price', priceJson(previous)],
      ['acc_trade_price', valueJson(day.value)],
      ['change', quoted(directionOf(change))],
      ['change_price', priceJson(size)],
      ['signed_change_price', priceJson(change)],
      ['change_rate', rateJson(size, previous)],
      ['signed_change_rate', rateJson(change, previous)],
      ['ask_bid', quoted(last.taker.toUpperCase())],
      ['trade_volume', volumeJson(last.volume)],
      ['acc_trade_volume', volumeJson(day.volume)],
      ['trade_date', quoted(compactDate(utcText(last.at)))],
      ['trade_time', quoted(compactTime(utcText(last.at)))],
      ['trade_timestamp', String(last.at)],
      ['acc_ask_volume', volumeJson(ask)],
      ['acc_bid_volume', volumeJson(bid)],
      ['highest_52_week_price', priceJson(highest.price)],
      ['highest_52_week_date', quoted(utcText(highest.day).slice(0, 10))],
      ['lowest_52_week_price', priceJson(lowest.price)],
      ['lowest_52_week_date', quoted(utcText(lowest.day).slice(0, 10))],
      ['market_state', quoted('ACTIVE')],
      ['is_trading_suspended', 'false'],
      ['delisting_date', 'null'],
      ['market_warning', quoted('NONE')],
      ['timestamp', String(last.at)],
      ['acc_trade_price_24h', valueJson(past24h.value)],
      ['acc_trade_volume_24h', volumeJson(past24h.volume)],
      ['stream_type', quoted(stream)],
    ],
  };
}

/** A trade. What is best on either side after it is left out where there is no order book. */
export function tradeMessage(
  market: Market,
  history: History,
  { at, price, volume, taker }: FeedTrade,
  stream: StreamType,
  book: Liquidity | undefined,
): StreamMessage {
  const previous = previousClose(history, Math.floor(at / DAY_MS) * DAY_MS, at);
  const change = price - previous;
  const text = utcText(at);
  return {
    kind: 'trade',
    fields: [
      ['type', quoted('trade')],
      ['code', quoted(market)],
      ['timestamp', String(at)],
      ['trade_date', quoted(text.slice(0, 10))],
      ['trade_time', quoted(text.slice(11))],
      ['trade_timestamp', String(at)],
      ['trade_price', priceJson(price)],
      ['trade_volume', volumeJson(volume)],
      ['ask_bid', quoted(taker.toUpperCase())],
      ['prev_closing_price', priceJson(previous)],
      ['change', quoted(directionOf(change))],
      ['change_price', priceJson(change < 0n ? -change : change)],
      ['sequential_id', String(sequentialId(at))],
      ...(book === undefined ? [] : bestFields(book)),
      ['stream_type', quoted(stream)],
    ],
  };
}

function bestFields({ asks: [ask], bids: [bid] }: Liquidity): Fields {
  return [
    ['best_ask_price', priceOf(ask)],
    ['best_ask_size', sizeOf(ask)],
    ['best_bid_price', priceOf(bid)],
    ['best_bid_size', sizeOf(bid)],
  ];
}

/** @param count the best so many prices. */
export function orderBookMessage(
  market: Market,
  book: Liquidity & { readonly at: number },
  count: number,
  stream: StreamType,
): StreamMessage {
  const { totalAskSize, totalBidSize, units } = orderBookJson(book, count);
  return {
    kind: 'orderbook',
    fields: [
      ['type', quoted('orderbook')],
      ['code', quoted(market)],
      ['timestamp', String(book.at)],
      ['total_ask_size', totalAskSize],
      ['total_bid_size', totalBidSize],
      ['orderbook_units', units],
      ['level', '0'],
      ['stream_type', quoted(stream)],
    ],
  };
}

/** @param type `candle.1m` */
export function candleMessage(type: string, market: Market, candle: SeenCandle, stream: StreamType): StreamMessage {
  return {
    kind: 'candle',
    fields: [
      ['type', quoted(type)],
      ['code', quoted(market)],
      ['candle_date_time_utc', quoted(utcText(candle.start))],
      ['candle_date_time_kst', quoted(kstText(candle.start))],
      ['opening_price', priceJson(candle.open)],
      ['high_price', priceJson(candle.high)],
      ['low_price', priceJson(candle.low)],
      ['trade_price', priceJson(candle.close)],
      ['candle_acc_trade_volume', volumeJson(candle.volume)],
      ['candle_acc_trade_price', valueJson(candle.value)],
      ['timestamp', String(candle.lastTradeAt)],
      ['stream_type', quoted(stream)],
    ],
  };
}
