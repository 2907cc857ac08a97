import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { Market } from '../../../config/market.ts';
import { tickSize } from '../../../strategy/tick-size.ts';
import { decimalText, PRICE_DECIMALS } from '../../numbers/scaled.ts';
import type { History } from '../feed/history.ts';
import { lastPrice } from '../feed/visible.ts';
import type { RateGroup } from '../rate-limit.ts';
import { quotationFault } from '../wire/exchange-error.ts';
import { marketJson } from '../wire/market-json.ts';
import { queryOf, quotationFlag } from './query.ts';
import { marketsOf } from './quoted-markets.ts';

/** Which markets there are, and their price steps. */
export function marketRoutes(
  app: FastifyInstance,
  histories: ReadonlyMap<Market, History>,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  app.get('/v1/market/all', { onRequest: limit('market') }, (request) => {
    const query = queryOf(request);
    // The second spelling is an older one, which Upbit still takes.
    const details = quotationFlag(query, 'is_details') ?? quotationFlag(query, 'isDetails') ?? false;
    return [...histories.keys()].map((market) => marketJson(market, details));
  });

  app.get('/v1/orderbook/instruments', { onRequest: limit('orderbook') }, (request) =>
    marketsOf(histories, queryOf(request)).map(([market, { source }]) => {
      const price = lastPrice(source, request.marketTime);
      if (price === undefined) throw quotationFault.codeNotFound();
      return {
        market,
        quote_currency: 'KRW',
        tick_size: tickSize(decimalText(price, PRICE_DECIMALS)).toFixed(),
        supported_levels: ['0'],
      };
    }),
  );
}
