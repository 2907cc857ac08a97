import type { Market } from '../../../config/market.ts';
import type { OrderBooks } from '../exchange.ts';
import type { Quotes } from '../quotes.ts';
import { orderBookRoutes } from '../routes/order-book.ts';
import { quotationRoutes } from '../routes/quotation.ts';
import { createQuoteTopic } from '../stream/quote-topics.ts';
import { createTakerVolumes } from '../stream/taker-volumes.ts';
import { createHistory, type History } from './history.ts';
import type { CandleSource } from './minute-candle.ts';

type Sources = ReadonlyMap<Market, CandleSource>;

interface ShownFeed {
  /** The market as it really was. */
  readonly traded: Sources;
  /** What the candle lists show of it. */
  readonly listed: Sources;
  readonly books: OrderBooks | undefined;
  /** Epoch ms of market time. */
  readonly now: () => number;
}

/** Everything shown is made of the same minutes, as seen at the moment it is asked for. */
export function feedQuotes({ traded, listed, books, now }: ShownFeed): Quotes {
  const tradedHistories = historiesOf(traded);
  const listedHistories = listed === traded ? tradedHistories : historiesOf(listed);
  const markets = new Map(
    [...tradedHistories].map(([market, history]) => {
      const shown = listedHistories.get(market) ?? history;
      return [market, { market, traded: history, listed: shown, taken: createTakerVolumes(history.source), books }];
    }),
  );
  return {
    serve(app, limit) {
      quotationRoutes(app, { traded: tradedHistories, listed: listedHistories }, limit);
      if (books !== undefined) orderBookRoutes(app, tradedHistories, books, limit);
    },
    // What a ticker adds up for the first time is added up while others are served.
    async prepare(subscriptions) {
      const wanted = subscriptions.flatMap(({ kind, markets: of }) => (kind === 'ticker' ? of : []));
      for (const market of wanted) await tradedHistories.get(market)?.prepare(now());
    },
    topic(type, market, instant) {
      const quoted = markets.get(market);
      if (quoted === undefined) throw new Error(`${market} was let through and is not traded here`);
      return createQuoteTopic(type, quoted, instant);
    },
  };
}

function historiesOf(sources: Sources): ReadonlyMap<Market, History> {
  return new Map([...sources].map(([market, source]) => [market, createHistory(source)]));
}
