import type { FastifyRequest } from 'fastify';
import type { Exchange } from '../exchange.ts';
import { type OrderName, orderNamed } from '../known-orders.ts';
import { queryOf } from '../routes/query.ts';
import { type JsonFields, textOf } from '../wire/json-body.ts';
import { previousName } from '../wire/replacement.ts';
import { fieldsOf } from './request-fields.ts';

/**
 * The markets a request is about: those it names, those of the orders it names, or those among which it chooses. None
 * where it names nothing, as a list of all orders does.
 */
export function askedMarkets(request: FastifyRequest, exchange: Exchange): readonly string[] {
  const query = queryOf(request);
  const body = fieldsOf(request);
  const excluded = query.get('excluded_pairs')?.split(',') ?? [];
  const named = query.get('market') ?? textOf(body.market) ?? query.get('markets') ?? query.get('pairs');
  if (named !== null) return named.split(',').filter((market) => !excluded.includes(market));

  const orders = orderNames(query, body).flatMap((name) => orderNamed(request.ledger, exchange.archive, name) ?? []);
  if (orders.length > 0) return [...new Set(orders.map((order) => order.request.market))];

  const currencies = query.get('quote_currencies')?.split(',');
  // Of what is open, all is meant where nothing is said.
  const isAboutAll = request.method === 'DELETE' && request.routeOptions.url === '/v1/orders/open';
  if (currencies === undefined && !isAboutAll) return [];
  return [...exchange.markets].filter(
    (market) => !excluded.includes(market) && (currencies?.includes(market.slice(0, market.indexOf('-'))) ?? true),
  );
}

/** Every order that a request names, by any of the names there are. */
function orderNames(query: URLSearchParams, body: JsonFields): readonly OrderName[] {
  return [
    { uuid: query.get('uuid'), identifier: query.get('identifier') },
    previousName(body),
    ...query.getAll('uuids[]').map((uuid) => ({ uuid, identifier: undefined })),
    ...query.getAll('identifiers[]').map((identifier) => ({ uuid: undefined, identifier })),
  ];
}
