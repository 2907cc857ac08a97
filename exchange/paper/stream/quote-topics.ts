import type { Market } from '../../../config/market.ts';
import type { OrderBooks } from '../exchange.ts';
import type { History } from '../feed/history.ts';
import { secondCandlesBefore } from '../feed/second-candles.ts';
import { candlesBefore, MINUTE_UNITS, minutesOf } from '../feed/timeframe.ts';
import type { FeedTrade } from '../feed/trades.ts';
import type { SeenCandle } from '../feed/visible.ts';
import type { StreamMessage } from './message.ts';
import { candleMessage, orderBookMessage, type StreamType, tickerMessage, tradeMessage } from './quote-messages.ts';
import type { TakerVolumes } from './taker-volumes.ts';
import { tradesSince } from './trades-since.ts';

/** A market as it trades and as candle lists show it. */
export interface QuotedMarket {
  readonly market: Market;
  readonly traded: History;
  readonly listed: History;
  readonly taken: TakerVolumes;
  readonly books: OrderBooks | undefined;
}

/** One type of data of one market. All times are epoch ms of market time and do not go backward. */
export interface QuoteTopic {
  /** How it looks at `now`; undefined before the first trade ever. */
  snapshot(now: number): StreamMessage | undefined;
  /** What came after the last look, oldest first; `too-many` when it was too long ago. The first look begins it. */
  news(now: number): readonly StreamMessage[] | 'too-many';
}

/** More than this at once is not sent: whoever waits for it is cut off and has to look at REST. */
const MOST_NEWS = 1_000;
/** Candles are told at most so often. */
const CANDLE_EVERY_MS = 1_000;
/** Closed candles that are looked at again: a late trade corrects them. */
const LOOKED_AT_AGAIN = 2;

/** @param type `ticker`, `trade`, `orderbook.*` or `candle.*` */
export function createQuoteTopic(type: string, quoted: QuotedMarket, now: number): QuoteTopic {
  if (type === 'ticker') return tickerTopic(quoted, now);
  if (type === 'trade') return tradeTopic(quoted, now);
  if (type.startsWith('orderbook.')) {
    const { market, books } = quoted;
    if (books === undefined) throw new Error(`${market} has no order book`);
    return orderBookTopic(levelsOf(type), market, books.seen, now);
  }
  return candleTopic(type, quoted, now);
}

/** How many prices a side `orderbook.15` is about. */
export function levelsOf(type: string): number {
  return Number(type.slice('orderbook.'.length));
}

/**
 * At each look that it came to look different, how it is then.
 *
 * @param seen the book at a moment; undefined while it is not known
 */
export function orderBookTopic(
  count: number,
  market: Market,
  seen: (market: Market, now: number) => ReturnType<OrderBooks['seen']> | undefined,
  begun: number,
): QuoteTopic {
  const message = (now: number, stream: StreamType): StreamMessage | undefined => {
    const book = seen(market, now);
    return book && orderBookMessage(market, book, count, stream);
  };
  const textOf = (news: StreamMessage | undefined): string => JSON.stringify(news?.fields ?? null);
  let told = textOf(message(begun, 'REALTIME'));
  return {
    snapshot: (now) => message(now, 'SNAPSHOT'),
    news(now) {
      const news = message(now, 'REALTIME');
      if (news === undefined || textOf(news) === told) return [];
      told = textOf(news);
      return [news];
    },
  };
}

/** At each look that a trade came before, how it is then. */
function tickerTopic({ market, traded, taken }: QuotedMarket, begun: number): QuoteTopic {
  let looked = begun;
  const message = (now: number, stream: StreamType) => tickerMessage(market, traded, taken, now, stream);
  return {
    snapshot: (now) => message(now, 'SNAPSHOT'),
    news(now) {
      const [trade] = tradesSince(traded.source, looked, now);
      looked = now;
      const ticker = trade && message(now, 'REALTIME');
      return ticker === undefined ? [] : [ticker];
    },
  };
}

/** Every trade, once. */
function tradeTopic({ market, traded, books }: QuotedMarket, begun: number): QuoteTopic {
  let looked = begun;
  const message = (trade: FeedTrade, stream: StreamType) =>
    tradeMessage(market, traded, trade, stream, books?.after({ market, ...trade }));
  return {
    snapshot(now) {
      for (const trade of tradesSince(traded.source, Number.NEGATIVE_INFINITY, now)) {
        return message(trade, 'SNAPSHOT');
      }
      return undefined;
    },
    news(now) {
      const trades: FeedTrade[] = [];
      for (const trade of tradesSince(traded.source, looked, now)) {
        if (trades.length === MOST_NEWS) return 'too-many';
        trades.push(trade);
      }
      looked = now;
      return trades.toReversed().map((trade) => message(trade, 'REALTIME'));
    },
  };
}

/** Every candle that came to look different since it was told, the last closed ones included. */
function candleTopic(type: string, { market, listed }: QuotedMarket, begun: number): QuoteTopic {
  const { lengthMs, newest } = candlesOf(type, listed);
  let looked = begun;
  let told = toldOf(newest(1 + LOOKED_AT_AGAIN, begun));

  return {
    snapshot(now) {
      const [candle] = newest(1, now);
      return candle && candleMessage(type, market, candle, 'SNAPSHOT');
    },
    news(now) {
      if (now < looked + CANDLE_EVERY_MS) return [];
      const count = Math.ceil((now - looked) / lengthMs) + 1 + LOOKED_AT_AGAIN;
      if (count > MOST_NEWS) return 'too-many';
      looked = now;
      const candles = newest(count, now);
      const changed = candles.filter((candle) => told.get(candle.start) !== fingerprint(candle));
      // What is older than all that was told is no news: a late candle makes room for it in the page.
      const oldest = Math.min(...told.keys(), candles[0]?.start ?? 0);
      told = toldOf(candles);
      return changed
        .filter(({ start }) => start >= oldest)
        .toReversed()
        .map((candle) => candleMessage(type, market, candle, 'REALTIME'));
    },
  };
}

function toldOf(candles: readonly SeenCandle[]): Map<number, string> {
  return new Map(candles.map((candle) => [candle.start, fingerprint(candle)]));
}

/** The same text for a candle that looks the same. */
function fingerprint({ open, high, low, close, volume, value, lastTradeAt }: SeenCandle): string {
  return [open, high, low, close, volume, value, lastTradeAt].join();
}

interface Candles {
  readonly lengthMs: number;
  /** Newest first. */
  newest(count: number, now: number): SeenCandle[];
}

function candlesOf(type: string, listed: History): Candles {
  const end = Number.POSITIVE_INFINITY;
  if (type === 'candle.1s') {
    return { lengthMs: 1_000, newest: (count, now) => secondCandlesBefore(listed, count, now, end) };
  }
  const unit = MINUTE_UNITS.find((minutes) => type === `candle.${minutes}m`);
  if (unit === undefined) throw new Error(`there are no candles of type ${type}`);
  const timeframe = minutesOf(unit);
  return { lengthMs: unit * 60_000, newest: (count, now) => candlesBefore(listed, timeframe, count, now, end) };
}
