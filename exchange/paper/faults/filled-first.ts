import type { FastifyReply, FastifyRequest } from 'fastify';
import { deterministicUuid } from '../../matching/deterministic-uuid.ts';
import type { Exchange } from '../exchange.ts';
import { waitingOrder } from '../routes/named-order.ts';
import { orderJson } from '../wire/order-json.ts';
import { newIdentifierOf, previousName, replacedJson } from '../wire/replacement.ts';
import { fieldsOf } from './request-fields.ts';

/**
 * What Upbit documents of `cancel_and_new`: the old order fills before it is cancelled, so that no new one comes about,
 * although the call is answered as ever, with the id of an order that is never there. Its identifier is taken to be used up.
 *
 * @throws {ExchangeError} when no such order waits
 */
export function fillInsteadOfReplacing(exchange: Exchange, request: FastifyRequest, reply: FastifyReply): unknown {
  const body = fieldsOf(request);
  const previous = waitingOrder(request.ledger, exchange.archive, previousName(body));
  const identifier = newIdentifierOf(body);
  const asItWas = orderJson(previous);
  exchange.fill(previous, request.marketTime);
  exchange.refuse(identifier, request.marketTime);
  reply.code(201);
  return replacedJson(asItWas, { uuid: deterministicUuid('replacement', previous.uuid), identifier });
}
