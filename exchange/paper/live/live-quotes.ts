import type { Market } from '../../../config/market.ts';
import type { OrderBooks } from '../exchange.ts';
import type { Quotes } from '../quotes.ts';
import { orderBookRoutes } from '../routes/order-book.ts';
import { levelsOf, orderBookTopic } from '../stream/quote-topics.ts';
import { ExchangeError } from '../wire/exchange-error.ts';
import type { MarketList } from './market-list.ts';
import { relayRoutes } from './relay-routes.ts';
import type { RelayedLines } from './relayed-lines.ts';
import type { Source } from './source.ts';

interface LiveQuotesParts {
  readonly source: Source;
  readonly markets: ReadonlySet<Market>;
  readonly list: MarketList;
  readonly lines: RelayedLines;
  readonly books: OrderBooks | undefined;
}

/** Everything shown is what the source says, but for the order book, in which our orders stand as well. */
export function liveQuotes({ source, markets, list, lines, books }: LiveQuotesParts): Quotes {
  return {
    serve(app, limit) {
      relayRoutes(app, { relay: source.relay, list, markets }, limit);
      if (books !== undefined)
        orderBookRoutes(app, new Map([...markets].map((market) => [market, market])), books, limit);
    },
    async prepare(subscriptions) {
      const relayed = subscriptions.filter(({ kind }) => kind === 'ticker' || kind === 'trade' || kind === 'candle');
      await lines.prepare(new Set(relayed.map(({ type }) => type)));
    },
    topic(type, market, now) {
      if (!type.startsWith('orderbook.')) return lines.topic(type, market);
      if (books === undefined) throw new Error(`${market} has no order book`);
      return orderBookTopic(levelsOf(type), market, whileKnown(books), now);
    },
  };
}

/** The stream has no word for a book that is not known: it says nothing of it. */
function whileKnown(books: OrderBooks) {
  return (market: Market, now: number): ReturnType<OrderBooks['seen']> | undefined => {
    try {
      return books.seen(market, now);
    } catch (error) {
      if (error instanceof ExchangeError) return undefined;
      throw error;
    }
  };
}
