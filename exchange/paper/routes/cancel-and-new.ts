import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { Market } from '../../../config/market.ts';
import type { Exchange } from '../exchange.ts';
import type { RateGroup } from '../rate-limit.ts';
import { ExchangeError } from '../wire/exchange-error.ts';
import { orderJson } from '../wire/order-json.ts';
import { readOrderRequest } from '../wire/order-request.ts';
import { newIdentifierOf, previousName, replacedJson, replacementBody } from '../wire/replacement.ts';
import { waitingOrder } from './named-order.ts';
import { readOrBurn } from './read-or-burn.ts';
import { bodyOf } from './signed.ts';

/**
 * Cancelling an order and placing another of the same market and side instead. Upbit places the new one once the old one is
 * cancelled; what it says of a new one it would refuse is not documented. Here nothing happens then but that the new
 * identifier is used up. Whether the answer is 200 or 201 is not certain either: its schema says 201.
 */
export function cancelAndNewRoutes(
  app: FastifyInstance,
  exchange: Exchange,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  app.post('/v1/orders/cancel_and_new', { onRequest: limit('order') }, (request, reply) => {
    const body = bodyOf(request);
    const { previous, wanted } = readOrBurn(exchange, newIdentifierOf(body), request.marketTime, () => {
      const named = waitingOrder(request.ledger, exchange.archive, previousName(body));
      const isTraded = (market: string) => exchange.markets.has(market as Market);
      return { previous: named, wanted: readOrderRequest(replacementBody(body, named), isTraded) };
    });
    const asItWas = orderJson(previous);
    const outcome = exchange.replace(previous, wanted, request.marketTime);
    if ('name' in outcome) throw new ExchangeError(400, outcome.name, outcome.message);
    reply.code(201);
    return replacedJson(asItWas, { uuid: outcome.uuid, identifier: outcome.request.identifier });
  });
}
