import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { Order, OrderState } from '../../matching/order.ts';
import type { Exchange } from '../exchange.ts';
import { ordersCreated } from '../known-orders.ts';
import type { RateGroup } from '../rate-limit.ts';
import { orderJson } from '../wire/order-json.ts';
import { namedOrders } from './named-orders.ts';
import { exchangeCount, exchangeInstant, invalidParameter, isNewestFirst, queryOf } from './query.ts';

const DAY_MS = 86_400_000;
/** Widest window, by creation, that closed orders are listed for. */
const CLOSED_WINDOW_MS = 7 * DAY_MS;
const MOST_BY_ID = 100;

/** Open, closed and named orders; newest first unless `order_by=asc`. */
export function orderListRoutes(
  app: FastifyInstance,
  { archive }: Exchange,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  app.get('/v1/orders/open', { onRequest: limit('default') }, (request) => {
    const query = queryOf(request);
    // `watch` is accepted and matches nothing: stop orders do not exist here.
    const states = statesOf(query, ['wait'], ['wait', 'watch']);
    const perPage = exchangeCount(query, 'limit', 100, 100);
    const from = (exchangeCount(query, 'page', 1, 1_000_000) - 1) * perPage;
    const orders = [...request.ledger.open.values()].flatMap((open) => [...open.values()]);
    return listed(orders, query, states)
      .slice(from, from + perPage)
      .map(orderJson);
  });

  app.get('/v1/orders/closed', { onRequest: limit('default') }, (request) => {
    const query = queryOf(request);
    const states = statesOf(query, ['done', 'cancel'], ['done', 'cancel']);
    const [from, to] = closedWindow(query, request.marketTime);
    const newestFirst = isNewestFirst(query);
    const wanted = { from, to, market: query.get('market') ?? undefined, states, newestFirst };
    const most = exchangeCount(query, 'limit', 100, 1_000);
    return ordersCreated(request.ledger, archive, wanted, most).map(orderJson);
  });

  app.get('/v1/orders/uuids', { onRequest: limit('default') }, (request) => {
    const query = queryOf(request);
    const orders = namedOrders(query, { ledger: request.ledger, archive }, MOST_BY_ID).flatMap(
      ({ order }) => order ?? [],
    );
    return listed(orders, query, undefined).map(orderJson);
  });
}

function listed(orders: readonly Order[], query: URLSearchParams, states: readonly string[] | undefined): Order[] {
  const market = query.get('market');
  const newestFirst = isNewestFirst(query);
  return orders
    .filter((order) => market === null || order.request.market === market)
    .filter((order) => states === undefined || states.includes(order.state))
    .sort((a, b) => (newestFirst ? b.sequence - a.sequence : a.sequence - b.sequence));
}

function statesOf(query: URLSearchParams, fallback: OrderState[], allowed: readonly string[]): readonly string[] {
  const single = query.get('state');
  const several = query.getAll('states[]');
  if (single !== null && several.length > 0) throw invalidParameter('state and states[] exclude each other');
  const states = single === null ? several : [single];
  const unknown = states.find((state) => !allowed.includes(state));
  if (unknown !== undefined) throw invalidParameter(`state ${unknown} is not one of ${allowed.join(', ')}`);
  return states.length > 0 ? states : fallback;
}

function closedWindow(query: URLSearchParams, now: number): [from: number, to: number] {
  const start = exchangeInstant(query, 'start_time');
  const end = exchangeInstant(query, 'end_time');
  if (start !== undefined) return [start, Math.min(end ?? Number.POSITIVE_INFINITY, start + CLOSED_WINDOW_MS)];
  const to = end ?? now;
  return [to - CLOSED_WINDOW_MS, to];
}
