import { type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyError, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { PAPER_MARK } from '../paper-mark.ts';
import { errorBody } from './wire/exchange-error.ts';
import { httpDate } from './wire/times.ts';

/** How long a client may take to read why it was refused; closing at once would lose it the answer. */
const LINGER_MS = 1_000;

const STATUSES: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/**
 * What never becomes a request of ours, because it is no HTTP or its path cannot be decoded: answered like any refusal,
 * where Node and Fastify would answer in words of their own or not at all.
 *
 * @param now market time in epoch ms.
 */
export function unreadableRequests(
  now: () => number,
): Required<Pick<FastifyServerOptions, 'clientErrorHandler' | 'frameworkErrors'>> {
  return {
    clientErrorHandler(error, socket) {
      // What follows the fault is read as a request again, and refused again.
      if (error.code === 'ECONNRESET' || !socket.writable) return;
      refuse(socket, STATUSES[error.code ?? ''] ?? 400, error.message, now());
    },
    frameworkErrors(error: FastifyError, _request: FastifyRequest, reply: FastifyReply) {
      reply
        .code(error.statusCode ?? 400)
        .header('date', httpDate(now()))
        .header(PAPER_MARK.header, PAPER_MARK.value)
        .type('application/json; charset=utf-8')
        .send(errorBody('bad_request', error.message));
    },
  };
}

/** The methods and expectations that Node keeps to itself. */
export function answerUnusualRequests(server: Server, now: () => number): void {
  server.on('connect', (_request, socket) => {
    socket.on('error', () => socket.destroy());
    refuse(socket, 405, 'this is no proxy', now());
  });
  // Nothing obliges a server to meet an expectation it does not know (RFC 9110, 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

function refuse(socket: Duplex, status: number, message: string, now: number): void {
  const body = errorBody('bad_request', message);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `date: ${httpDate(now)}`,
    `${PAPER_MARK.header}: ${PAPER_MARK.value}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
