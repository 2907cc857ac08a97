import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { Market } from '../../../config/market.ts';
import { tickSize } from '../../../strategy/tick-size.ts';
import type { CandleSource } from '../feed/minute-candle.ts';
import { decimalText, PRICE_DECIMALS } from '../feed/scaled.ts';
import { candlesBefore, MINUTE_UNITS } from '../feed/timeframe.ts';
import { lastPrice } from '../feed/visible.ts';
import type { RateGroup } from '../rate-limit.ts';
import { candlesJson } from '../wire/candle-json.ts';
import { quotationFault } from '../wire/exchange-error.ts';
import { marketJson } from '../wire/market-json.ts';
import { parseInstant } from '../wire/times.ts';
import { queryOf, quotationCount } from './query.ts';

/** Upbit cuts a longer page to this without saying so. */
const LONGEST_PAGE = 200;

/** The public part: no key needed, everything seen at the request's market time. */
export function quotationRoutes(
  app: FastifyInstance,
  sources: ReadonlyMap<Market, CandleSource>,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  const sourceOf = (market: string | null): [Market, CandleSource] => {
    if (market === null || market === '') throw quotationFault.missing();
    const source = sources.get(market as Market);
    if (source === undefined) throw quotationFault.codeNotFound();
    return [market as Market, source];
  };

  app.get('/v1/market/all', { onRequest: limit('market') }, (request) => {
    const query = queryOf(request);
    const details = (query.get('is_details') ?? query.get('isDetails')) === 'true';
    return [...sources.keys()].map((market) => marketJson(market, details));
  });

  app.get<{ Params: { unit: string } }>(
    '/v1/candles/minutes/:unit',
    { onRequest: limit('candles') },
    (request, reply) => {
      const unit = MINUTE_UNITS.find((minutes) => String(minutes) === request.params.unit);
      if (unit === undefined) throw quotationFault.invalid();
      const query = queryOf(request);
      const [market, source] = sourceOf(query.get('market'));
      const count = Math.min(quotationCount(query, 'count', 1), LONGEST_PAGE);
      const toText = query.get('to');
      const to = toText === null || toText === '' ? Number.POSITIVE_INFINITY : parseInstant(toText);
      if (to === undefined) throw quotationFault.invalid();
      reply.type('application/json; charset=utf-8');
      return candlesJson(market, unit, candlesBefore(source, unit, count, request.marketTime, to));
    },
  );

  app.get('/v1/orderbook/instruments', { onRequest: limit('orderbook') }, (request) => {
    const codes = queryOf(request).get('markets');
    if (codes === null || codes === '') throw quotationFault.missing();
    return codes.split(',').map((code) => {
      const [market, source] = sourceOf(code);
      const price = lastPrice(source, request.marketTime);
      if (price === undefined) throw quotationFault.codeNotFound();
      return {
        market,
        quote_currency: 'KRW',
        tick_size: tickSize(decimalText(price, PRICE_DECIMALS)).toFixed(),
        supported_levels: ['0'],
      };
    });
  });
}
