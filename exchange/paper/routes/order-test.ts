import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { Market } from '../../../config/market.ts';
import { deterministicUuid } from '../../matching/deterministic-uuid.ts';
import type { Exchange } from '../exchange.ts';
import type { RateGroup } from '../rate-limit.ts';
import { ExchangeError } from '../wire/exchange-error.ts';
import { acceptedOrderJson } from '../wire/order-json.ts';
import { readOrderRequest } from '../wire/order-request.ts';
import { bodyOf } from './signed.ts';

/** Checking an order without placing it. Whether Upbit uses its identifier up is not documented; here it is not. */
export function orderTestRoutes(
  app: FastifyInstance,
  exchange: Exchange,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  app.post('/v1/orders/test', { onRequest: limit('order-test') }, (request, reply) => {
    const wanted = readOrderRequest(bodyOf(request), (market) => exchange.markets.has(market as Market));
    const order = exchange.test(wanted, request.marketTime);
    if ('name' in order) throw new ExchangeError(400, order.name, order.message);
    reply.code(201);
    return acceptedOrderJson({ ...order, uuid: deterministicUuid('test', request.marketTime, JSON.stringify(wanted)) });
  });
}
