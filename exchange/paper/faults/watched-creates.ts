import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ExchangeError } from '../wire/exchange-error.ts';
import { parseJsonObject, textOf } from '../wire/json-body.ts';
import type { RequestLog, Settlement } from './request-log.ts';
import { CREATE_ORDER } from './rule.ts';

/** Notes every request to create an order. */
export interface WatchedCreates {
  /** Notes that a request is about to be served or struck. @returns what notes its end; nothing for other requests. */
  begin(request: FastifyRequest, faults: readonly string[]): (settlement: Settlement) => void;
}

const isoTime = (instant: number): string => new Date(instant).toISOString();

/** @param wallClock epoch ms. */
export function watchCreates(app: FastifyInstance, requests: RequestLog, wallClock: () => number): WatchedCreates {
  /** Wall time of arrival of creates not yet noted. */
  const arrivals = new WeakMap<FastifyRequest, number>();
  app.addHook('onRequest', async (request) => {
    if (endpointOf(request) === CREATE_ORDER) arrivals.set(request, wallClock());
  });
  // A bad signature or too many calls: refused before anything could strike it.
  app.addHook('onError', async (request, _reply, error) => {
    begin(request, [])(refusal(error));
  });

  const begin: WatchedCreates['begin'] = (request, faults) => {
    const arrivedAt = arrivals.get(request);
    if (arrivedAt === undefined) return () => {};
    arrivals.delete(request);
    const fields = parseJsonObject(typeof request.body === 'string' ? request.body : '');
    const number = requests.received({
      received_at: isoTime(arrivedAt),
      market_time: isoTime(request.marketTime),
      identifier: textOf(fields?.identifier) ?? null,
      market: textOf(fields?.market) ?? null,
      faults,
    });
    return (settlement) => requests.settled(number, settlement, isoTime(wallClock()));
  };
  return { begin };
}

export function refusal(error: unknown): Settlement {
  const name = error instanceof ExchangeError ? error.code : 'internal_server_error';
  return { outcome: 'refused', uuid: null, error: name };
}

export function endpointOf(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url}`;
}
