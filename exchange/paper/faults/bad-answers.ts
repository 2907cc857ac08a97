import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BlockedError, ExchangeError, errorBody, QuotationError } from '../wire/exchange-error.ts';
import type { RequestRule } from './rule.ts';

/** What came of serving a request: a payload, or an error that says why not. */
export type Outcome = { readonly payload: unknown } | { readonly error: unknown };

const OVERLOADED = '먼저 접수된 주문을 처리중입니다.';
const PAGE =
  '<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>';

/** Ends the connection with a TCP reset and without an answer. */
export function resetConnection(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  request.raw.socket.resetAndDestroy();
}

/** What a rule answers in place of serving the request, where that is an answer at all. */
export function unserved(rule: RequestRule, reply: FastifyReply): Outcome {
  switch (rule.kind) {
    case 'http-429':
      return { error: new ExchangeError(429, 'too_many_requests', 'Too many API requests.') };
    case 'http-418':
      return { error: new BlockedError(rule.block_seconds) };
    case 'market-offline':
      return { error: new ExchangeError(403, 'market_offline', 'The market is under maintenance.') };
    case 'refused':
      return { error: new ExchangeError(rule.status, rule.error, 'This was asked for on the control port.') };
    case 'too-many-request-order':
      return { error: new ExchangeError(400, 'too_many_request_order', OVERLOADED) };
    case 'garbage':
      return garbage(reply, { payload: undefined });
    default:
      return serverError();
  }
}

export function serverError(): Outcome {
  return { error: new ExchangeError(500, 'internal_server_error', 'Internal server error') };
}

/** A proxy's page instead of JSON, under the status of what really came of the request. */
export function garbage(reply: FastifyReply, outcome: Outcome): Outcome {
  reply.code(statusOf(outcome, reply)).type('text/html; charset=utf-8');
  return { payload: PAGE };
}

/** Sends the head of an answer and half its body, and ends the connection. */
export function cutOff(outcome: Outcome, request: FastifyRequest, reply: FastifyReply): void {
  const { status, text } = wireForm(outcome, reply);
  const body = Buffer.from(text);
  reply.hijack();
  reply.raw.writeHead(status, {
    ...(reply.getHeaders() as OutgoingHttpHeaders),
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
  });
  reply.raw.write(body.subarray(0, body.length / 2), () => request.raw.socket.destroy());
}

function statusOf(outcome: Outcome, reply: FastifyReply): number {
  if (!('error' in outcome)) return reply.statusCode;
  const { error } = outcome;
  return error instanceof ExchangeError || error instanceof QuotationError ? error.status : 500;
}

function wireForm(outcome: Outcome, reply: FastifyReply): { status: number; text: string } {
  const status = statusOf(outcome, reply);
  if (!('error' in outcome)) {
    const { payload } = outcome;
    return { status, text: typeof payload === 'string' ? payload : JSON.stringify(payload) };
  }
  const { error } = outcome;
  const name = error instanceof ExchangeError ? error.code : status;
  return { status, text: errorBody(name, error instanceof Error ? error.message : String(error)) };
}
