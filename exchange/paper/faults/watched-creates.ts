import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ExchangeError } from '../wire/exchange-error.ts';
import { textOf } from '../wire/json-body.ts';
import { endpointOf, fieldsOf, wantedIdentifier } from './request-fields.ts';
import type { RequestLog, Settlement } from './request-log.ts';
import { CREATES } from './rule.ts';

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
    if ((CREATES as readonly string[]).includes(endpointOf(request))) arrivals.set(request, wallClock());
  });
  // A bad signature or too many calls: refused before anything could strike it.
  app.addHook('onError', async (request, _reply, error) => {
    begin(request, [])(refusal(error));
  });

  const begin: WatchedCreates['begin'] = (request, faults) => {
    const arrivedAt = arrivals.get(request);
    if (arrivedAt === undefined) return () => {};
    arrivals.delete(request);
    const number = requests.received({
      received_at: isoTime(arrivedAt),
      market_time: isoTime(request.marketTime),
      identifier: wantedIdentifier(request) ?? null,
      market: textOf(fieldsOf(request).market) ?? null,
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
