import type { FastifyRequest } from 'fastify';
import { type JsonFields, parseJsonObject } from '../wire/json-body.ts';
import { identifierOf } from '../wire/order-request.ts';
import { newIdentifierOf } from '../wire/replacement.ts';
import { CANCEL_AND_NEW } from './rule.ts';

/** The fields of a request's body; none where it is no JSON object. */
export function fieldsOf(request: FastifyRequest): JsonFields {
  return parseJsonObject(typeof request.body === 'string' ? request.body : '') ?? {};
}

/** Method and path of the route, as rules name it: `GET /v1/candles/minutes/:unit`. */
export function endpointOf(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url}`;
}

/** What the order that a request would make is to be called. */
export function wantedIdentifier(request: FastifyRequest): string | undefined {
  const fields = fieldsOf(request);
  return endpointOf(request) === CANCEL_AND_NEW ? newIdentifierOf(fields) : identifierOf(fields);
}
