import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Market } from '../../../config/market.ts';
import type { Exchange } from '../exchange.ts';
import type { OrderName } from '../known-orders.ts';
import type { RateGroup } from '../rate-limit.ts';
import { ExchangeError } from '../wire/exchange-error.ts';
import { acceptedOrderJson, orderJson, orderWithTradesJson } from '../wire/order-json.ts';
import { identifierOf, readOrderRequest } from '../wire/order-request.ts';
import { namedOrder, waitingOrder } from './named-order.ts';
import { queryOf } from './query.ts';
import { readOrBurn } from './read-or-burn.ts';
import { bodyOf } from './signed.ts';

/** Creating, reading and cancelling a single order. */
export function orderRoutes(
  app: FastifyInstance,
  exchange: Exchange,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  app.post('/v1/orders', { onRequest: limit('order') }, (request, reply) => {
    const body = bodyOf(request);
    const wanted = readOrBurn(exchange, identifierOf(body), request.marketTime, () =>
      readOrderRequest(body, (market) => exchange.markets.has(market as Market)),
    );
    const outcome = exchange.submit(wanted, request.marketTime);
    if ('name' in outcome) throw new ExchangeError(400, outcome.name, outcome.message);
    reply.code(201);
    return acceptedOrderJson(outcome);
  });

  app.get('/v1/order', { onRequest: limit('default') }, (request) =>
    orderWithTradesJson(namedOrder(request.ledger, exchange.archive, nameIn(request))),
  );

  app.delete('/v1/order', { onRequest: limit('default') }, (request) => {
    const order = waitingOrder(request.ledger, exchange.archive, nameIn(request));
    const accepted = orderJson(order);
    exchange.cancel([order], request.marketTime);
    return accepted;
  });
}

function nameIn(request: FastifyRequest): OrderName {
  const query = queryOf(request);
  return { uuid: query.get('uuid'), identifier: query.get('identifier') };
}
