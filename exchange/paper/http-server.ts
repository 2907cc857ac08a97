import Fastify, { type FastifyInstance } from 'fastify';
import type { Ledger } from '../matching/ledger.ts';
import { PAPER_MARK } from '../paper-mark.ts';
import type { Authenticate } from './auth/authenticate.ts';
import type { Exchange } from './exchange.ts';
import type { Limit, Quotes } from './quotes.ts';
import { countedGroup, type RateCount, type RateGroup } from './rate-limit.ts';
import { accountRoutes } from './routes/accounts.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { cancelAndNewRoutes } from './routes/cancel-and-new.ts';
import { cancelOrderRoutes } from './routes/cancel-orders.ts';
import { takeMoment } from './routes/moment.ts';
import { orderRoutes } from './routes/order.ts';
import { orderListRoutes } from './routes/order-lists.ts';
import { orderTestRoutes } from './routes/order-test.ts';
import { requireSignature } from './routes/signed.ts';
import { isStreamHandshake, type StreamParts, serveStream } from './stream/stream-server.ts';
import { answerUnusualRequests, unreadableRequests } from './unreadable.ts';
import { BlockedError, ExchangeError, errorBody, QuotationError } from './wire/exchange-error.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** When the request arrived, epoch ms of market time; everything in its answer is as of then. */
    marketTime: number;
    /** What looks at the account are answered from. */
    ledger: Ledger;
  }
}

export interface HttpParts extends StreamParts {
  readonly exchange: Exchange;
  readonly quotes: Quotes;
  readonly authenticate: Authenticate;
  /** The one key there is. */
  readonly accessKey: string;
  readonly rateLimit: (group: RateGroup) => RateCount;
  /** Market time in epoch ms. */
  readonly now: () => number;
  readonly log: (line: string) => void;
  /** Called before any route is declared. */
  readonly prepare?: (app: FastifyInstance) => void;
}

/** Upbit's REST API and WebSocket over the paper exchange. */
export function createHttpServer(parts: HttpParts): FastifyInstance {
  const { exchange, quotes, authenticate, accessKey, rateLimit, now, log, prepare } = parts;
  const app = Fastify({
    forceCloseConnections: true,
    // Without a host Node would answer itself; nothing here asks for it.
    http: { shouldUpgradeCallback: isStreamHandshake, requireHostHeader: false },
    ...unreadableRequests(now),
  });
  answerUnusualRequests(app.server, now);
  app.decorateRequest('marketTime', 0);
  app.decorateRequest('ledger');
  app.addHook('onRequest', async (request, reply) => {
    takeMoment(request, reply, now());
    request.ledger = exchange.ledger;
    reply.header(PAPER_MARK.header, PAPER_MARK.value);
  });
  prepare?.(app);

  const limit: Limit = (group) => {
    return async (request, reply) => {
      const { allowed, blockedFor, remaining } = rateLimit(countedGroup(group, request.headers));
      reply.header('remaining-req', remaining);
      if (blockedFor !== undefined) throw new BlockedError(blockedFor);
      if (!allowed) throw new ExchangeError(429, 'too_many_requests', 'Too many API requests.');
    };
  };

  app.setErrorHandler((error, request, reply) => {
    if (error instanceof BlockedError) {
      return reply.code(error.status).type('text/plain; charset=utf-8').send(error.message);
    }
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

  quotes.serve(app, limit);
  app.register(async (signed) => {
    requireSignature(signed, { authenticate, exchange, now, log });
    accountRoutes(signed, exchange, limit);
    apiKeyRoutes(signed, accessKey, limit);
    orderRoutes(signed, exchange, limit);
    orderListRoutes(signed, exchange, limit);
    orderTestRoutes(signed, exchange, limit);
    cancelOrderRoutes(signed, exchange, limit);
    cancelAndNewRoutes(signed, exchange, limit);
  });
  serveStream(app, quotes, parts);
  return app;
}
