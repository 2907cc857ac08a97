import type { FastifyRequest } from 'fastify';
import type { Ledger } from '../../matching/ledger.ts';
import { queryOf } from '../routes/query.ts';
import { type JsonFields, textOf } from '../wire/json-body.ts';
import { previousName } from '../wire/replacement.ts';
import { fieldsOf } from './request-fields.ts';

/**
 * The markets a request is about: those it names, those of the orders it names, or those among which it chooses. None
 * where it names nothing, as a list of all orders does.
 *
 * @param traded every market there is
 */
export function askedMarkets(request: FastifyRequest, traded: Iterable<string>): readonly string[] {
  const query = queryOf(request);
  const body = fieldsOf(request);
  const excluded = query.get('excluded_pairs')?.split(',') ?? [];
  const named = query.get('market') ?? textOf(body.market) ?? query.get('markets') ?? query.get('pairs');
  if (named !== null) return named.split(',').filter((market) => !excluded.includes(market));

  const ofOrders = namedOrders(query, body, request.ledger);
  if (ofOrders.length > 0) return ofOrders;

  const currencies = query.get('quote_currencies')?.split(',');
  // Of what is open, all is meant where nothing is said.
  const isAboutAll = request.method === 'DELETE' && request.routeOptions.url === '/v1/orders/open';
  if (currencies === undefined && !isAboutAll) return [];
  return [...traded].filter(
    (market) => !excluded.includes(market) && (currencies?.includes(market.slice(0, market.indexOf('-'))) ?? true),
  );
}

/** The markets of orders named by any of the names there are; of one order's two names the uuid counts. */
function namedOrders(query: URLSearchParams, body: JsonFields, ledger: Ledger): readonly string[] {
  const byIdentifier = (identifier: string | null | undefined) => ledger.identifiers.get(identifier ?? '');
  const previous = previousName(body);
  const uuids = [
    query.get('uuid') ?? byIdentifier(query.get('identifier')),
    previous.uuid ?? byIdentifier(previous.identifier),
    ...query.getAll('uuids[]'),
    ...query.getAll('identifiers[]').map(byIdentifier),
  ];
  return [...new Set(uuids.flatMap((uuid) => ledger.orders.get(uuid ?? '')?.request.market ?? []))];
}
