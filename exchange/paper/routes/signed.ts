import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticate } from '../auth/authenticate.ts';
import { hashInputOfBody, hashInputOfQuery } from '../auth/query-hash.ts';
import type { Exchange } from '../exchange.ts';
import { ExchangeError, errorBody } from '../wire/exchange-error.ts';
import { type JsonFields, parseJsonObject, textOf } from '../wire/json-body.ts';
import { takeMoment } from './moment.ts';
import { rawQueryOf } from './query.ts';

/** Makes every route of `app` one of the Exchange API: signed, and answered from a ledger that is up to date. */
export function requireSignature(
  app: FastifyInstance,
  {
    authenticate,
    exchange,
    now,
    log,
  }: {
    readonly authenticate: Authenticate;
    readonly exchange: Exchange;
    readonly now: () => number;
    readonly log: (line: string) => void;
  },
): void {
  // Bodies stay text: a DELETE with any body is refused, and a POST's numbers must keep their digits.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  app.addHook('preHandler', async (request, reply) => {
    authenticate({ authorization: request.headers.authorization, hashInput: hashInputOf(request) });
    // Its body took a moment in which others were served: from here on nothing waits, so this request's time is now.
    takeMoment(request, reply, now());
    exchange.advance(request.marketTime);
  });

  // The one place where answers wait for the disk, looks and refusals as well: they tell of what others have done.
  app.addHook('onSend', async (request, reply, payload) => {
    try {
      await exchange.kept();
      return payload;
    } catch (error) {
      log(`${request.method} ${request.url}: ${error instanceof Error ? error.message : error}`);
      reply.code(500).type('application/json; charset=utf-8');
      return errorBody('internal_server_error', 'Internal server error');
    }
  });
}

/** The fields of a signed POST. @throws {ExchangeError} when the body is not a JSON object of plain values. */
export function bodyOf(request: FastifyRequest): JsonFields {
  const text = typeof request.body === 'string' ? request.body : '';
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw new ExchangeError(400, 'invalid_parameter', 'send the body as application/json');
  }
  const fields = parseJsonObject(text);
  if (fields === undefined) throw new ExchangeError(400, 'invalid_parameter', 'the body is not a JSON object');
  // No field has parts, and one that is not understood must not count as one that was left out.
  const nested = Object.entries(fields).find(([, value]) => value !== null && textOf(value) === undefined);
  if (nested !== undefined) throw new ExchangeError(400, 'invalid_parameter', `${nested[0]} must be a plain value`);
  return fields;
}

function hashInputOf(request: FastifyRequest): string | undefined {
  if (request.method === 'POST') return hashInputOfBody(bodyOf(request)) || undefined;
  if (typeof request.body === 'string' && request.body !== '') {
    throw new ExchangeError(400, 'QUERY_PARAMETER_NOT_SUPPORTED', 'send parameters in the query string, not in a body');
  }
  const rawQuery = rawQueryOf(request);
  if (rawQuery === '') return undefined;
  const input = hashInputOfQuery(rawQuery);
  if (input === undefined) throw new ExchangeError(400, 'invalid_parameter', 'the query is not percent-encoded');
  return input;
}
