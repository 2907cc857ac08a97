import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Market } from '../../../config/market.ts';
import type { Order, OrderRequest } from '../../matching/order.ts';
import type { Exchange } from '../exchange.ts';
import type { RateGroup } from '../rate-limit.ts';
import { ExchangeError } from '../wire/exchange-error.ts';
import type { JsonFields } from '../wire/json-body.ts';
import { acceptedOrderJson, orderJson, orderWithTradesJson } from '../wire/order-json.ts';
import { identifierOf, readOrderRequest } from '../wire/order-request.ts';
import { queryOf } from './query.ts';
import { bodyOf } from './signed.ts';

/** Creating, reading and cancelling a single order. */
export function orderRoutes(
  app: FastifyInstance,
  exchange: Exchange,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  app.post('/v1/orders', { onRequest: limit('order') }, (request, reply) => {
    const outcome = exchange.submit(readOrBurn(exchange, bodyOf(request), request.marketTime), request.marketTime);
    if ('name' in outcome) throw new ExchangeError(400, outcome.name, outcome.message);
    reply.code(201);
    return acceptedOrderJson(outcome);
  });

  app.get('/v1/order', { onRequest: limit('default') }, (request) => orderWithTradesJson(orderNamedBy(request)));

  app.delete('/v1/order', { onRequest: limit('default') }, (request) => {
    const order = orderNamedBy(request);
    // What Upbit says about a finished order is not documented; "not found" is what its clients expect.
    if (order.state !== 'wait') throw orderNotFound();
    const accepted = orderJson(order);
    exchange.cancel(order, request.marketTime);
    return accepted;
  });
}

function orderNamedBy(request: FastifyRequest): Order {
  const query = queryOf(request);
  const identifier = query.get('identifier');
  const uuid = query.get('uuid') ?? (identifier === null ? null : request.ledger.identifiers.get(identifier));
  if (uuid === null) throw new ExchangeError(400, 'invalid_parameter', 'uuid or identifier must be given');
  const order = uuid === undefined ? undefined : request.ledger.orders.get(uuid);
  if (order === undefined) throw orderNotFound();
  return order;
}

/** An order that makes no sense uses its identifier up like any refused one. */
function readOrBurn(exchange: Exchange, body: JsonFields, now: number): OrderRequest {
  try {
    return readOrderRequest(body, (market) => exchange.sources.has(market as Market));
  } catch (error) {
    const unusable = exchange.refuse(identifierOf(body), now);
    throw unusable === undefined ? error : new ExchangeError(400, unusable.name, unusable.message);
  }
}

function orderNotFound(): ExchangeError {
  return new ExchangeError(404, 'order_not_found', 'There is no such order.');
}
