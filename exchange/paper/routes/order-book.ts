import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { Market } from '../../../config/market.ts';
import { BOOK_LEVELS } from '../../matching/book/parameters.ts';
import type { OrderBooks } from '../exchange.ts';
import type { RateGroup } from '../rate-limit.ts';
import { orderBookJson } from '../wire/order-book-json.ts';
import { asJson } from './as-json.ts';
import { queryOf, quotationNumber, quotationText } from './query.ts';
import { marketsOf } from './quoted-markets.ts';

/** The order books of the markets asked for. */
export function orderBookRoutes(
  app: FastifyInstance,
  quoted: ReadonlyMap<Market, unknown>,
  books: OrderBooks,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  app.get('/v1/orderbook', { onRequest: limit('orderbook') }, (request, reply) => {
    const query = queryOf(request);
    const markets = marketsOf(quoted, query).map(([market]) => market);
    const count = quotationNumber(query, 'count') ?? BOOK_LEVELS;
    // Prices are put together nowhere here, and Upbit answers a level it has not by an empty list.
    if (Number(quotationText(query, 'level') ?? 0) !== 0) return asJson(reply, '[]');
    const json = markets.map((market) => {
      const { at, ...book } = books.seen(market, request.marketTime);
      const { totalAskSize, totalBidSize, units } = orderBookJson(book, count);
      const rows = units.map((unit) => `{${unit.map(([name, value]) => `"${name}":${value}`).join(',')}}`);
      return (
        `{"market":"${market}","timestamp":${at},"total_ask_size":${totalAskSize},"total_bid_size":${totalBidSize},` +
        `"orderbook_units":[${rows.join(',')}],"level":0}`
      );
    });
    return asJson(reply, `[${json.join(',')}]`);
  });
}
