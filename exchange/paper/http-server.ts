import Fastify, { type FastifyInstance, type onRequestHookHandler } from 'fastify';
import type { Authenticate } from './auth/authenticate.ts';
import type { Exchange } from './exchange.ts';
import type { RateCount, RateGroup } from './rate-limit.ts';
import { accountRoutes } from './routes/accounts.ts';
import { orderRoutes } from './routes/order.ts';
import { orderListRoutes } from './routes/order-lists.ts';
import { quotationRoutes } from './routes/quotation.ts';
import { requireSignature } from './routes/signed.ts';
import { ExchangeError, errorBody, QuotationError } from './wire/exchange-error.ts';
import { httpDate } from './wire/times.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** When the request arrived, epoch ms of market time; everything in its answer is as of then. */
    marketTime: number;
  }
}

export interface HttpParts {
  readonly exchange: Exchange;
  readonly authenticate: Authenticate;
  readonly rateLimit: (group: RateGroup) => RateCount;
  /** Market time in epoch ms. */
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/** Upbit's REST API over the paper exchange. */
export function createHttpServer({ exchange, authenticate, rateLimit, now, log }: HttpParts): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true });
  app.decorateRequest('marketTime', 0);
  app.addHook('onRequest', async (request, reply) => {
    request.marketTime = now();
    reply.header('date', httpDate(request.marketTime));
  });

  const limit = (group: RateGroup): onRequestHookHandler => {
    return async (_request, reply) => {
      const { allowed, remaining } = rateLimit(group);
      reply.header('remaining-req', remaining);
      if (!allowed) throw new ExchangeError(429, 'too_many_requests', 'Too many API requests.');
    };
  };

  app.setErrorHandler((error, request, reply) => {
    reply.type('application/json; charset=utf-8');
    if (error instanceof ExchangeError) return reply.code(error.status).send(errorBody(error.code, error.message));
    if (error instanceof QuotationError) return reply.code(error.status).send(errorBody(error.status, error.message));
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status < 500) return reply.code(status).send(errorBody('bad_request', (error as Error).message));
    log(`${request.method} ${request.url}: ${error instanceof Error ? error.stack : error}`);
    return reply.code(500).send(errorBody('internal_server_error', 'Internal server error'));
  });
  app.setNotFoundHandler((_request, reply) => {
    reply.code(404).type('application/json; charset=utf-8').send(errorBody(404, 'Not found'));
  });

  quotationRoutes(app, exchange.sources, limit);
  app.register(async (signed) => {
    requireSignature(signed, { authenticate, exchange, now });
    accountRoutes(signed, exchange, limit);
    orderRoutes(signed, exchange, limit);
    orderListRoutes(signed, exchange, limit);
  });
  return app;
}
