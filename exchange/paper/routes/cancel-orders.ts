import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { Order } from '../../matching/order.ts';
import type { Exchange } from '../exchange.ts';
import type { RateGroup } from '../rate-limit.ts';
import { namedOrders } from './named-orders.ts';
import { exchangeCount, invalidParameter, isNewestFirst, queryOf } from './query.ts';

const MOST_BY_ID = 20;
const MOST_OPEN = 300;
const MOST_MARKETS = 20;

/** Cancelling several orders at once: those named, or those that are open. */
export function cancelOrderRoutes(
  app: FastifyInstance,
  exchange: Exchange,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  app.delete('/v1/orders/uuids', { onRequest: limit('default') }, (request) => {
    const { archive } = exchange;
    const named = namedOrders(queryOf(request), { ledger: request.ledger, archive }, MOST_BY_ID);
    const waiting = named.flatMap(({ order }) => (order?.state === 'wait' ? [order] : []));
    // Which of them Upbit names as failed is not documented; here all it was given that do not wait.
    const failed = named.flatMap(({ name, order }) => {
      if (order?.state === 'wait') return [];
      return [order === undefined ? name : nameJson(order)];
    });
    exchange.cancel(waiting, request.marketTime);
    return outcomeJson(waiting.map(nameJson), failed);
  });

  app.delete('/v1/orders/open', { onRequest: limit('order-cancel-all') }, (request) => {
    const query = queryOf(request);
    const side = oneOf(query, 'cancel_side', ['all', 'bid', 'ask']);
    const isWanted = marketFilter(query);
    const newestFirst = isNewestFirst(query);
    const waiting = [...request.ledger.open.values()]
      .flatMap((open) => [...open.values()])
      .filter((order) => (side === 'all' || order.request.side === side) && isWanted(order.request.market))
      .sort((a, b) => (newestFirst ? b.sequence - a.sequence : a.sequence - b.sequence))
      .slice(0, exchangeCount(query, 'count', 20, MOST_OPEN));
    exchange.cancel(waiting, request.marketTime);
    return outcomeJson(waiting.map(nameJson), []);
  });
}

/** Markets or quote currencies that are not traded here are passed over: none of their orders can be meant. */
function marketFilter(query: URLSearchParams): (market: string) => boolean {
  const pairs = listOf(query, 'pairs');
  const quoteCurrencies = listOf(query, 'quote_currencies');
  const excluded = listOf(query, 'excluded_pairs') ?? [];
  if (pairs !== undefined && quoteCurrencies !== undefined) {
    throw invalidParameter('pairs and quote_currencies exclude each other');
  }
  if (pairs !== undefined && pairs.length > MOST_MARKETS) throw invalidParameter(`at most ${MOST_MARKETS} pairs`);
  if (excluded.length > MOST_MARKETS) throw invalidParameter(`at most ${MOST_MARKETS} excluded_pairs`);
  return (market) =>
    !excluded.includes(market) &&
    (pairs?.includes(market) ?? quoteCurrencies?.includes(market.slice(0, market.indexOf('-'))) ?? true);
}

/** A comma-joined list; undefined when it is left out. One without anything in it would cancel what nobody meant. */
function listOf(query: URLSearchParams, name: string): readonly string[] | undefined {
  const text = query.get(name);
  if (text === '') throw invalidParameter(`${name} is empty`);
  return text?.split(',');
}

function oneOf(query: URLSearchParams, name: string, words: readonly [fallback: string, ...string[]]): string {
  const word = query.get(name) ?? words[0];
  if (!words.includes(word)) throw invalidParameter(`${name} must be one of ${words.join(', ')}`);
  return word;
}

function nameJson({ uuid, request: { market, identifier } }: Order): Record<string, string> {
  return { uuid, market, ...(identifier !== undefined && { identifier }) };
}

function outcomeJson(success: readonly object[], failed: readonly object[]) {
  return {
    success: { count: success.length, orders: success },
    failed: { count: failed.length, orders: failed },
  };
}
