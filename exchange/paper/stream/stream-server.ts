import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Market } from '../../../config/market.ts';
import { PAPER_MARK } from '../../paper-mark.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Exchange } from '../exchange.ts';
import type { Quotes } from '../quotes.ts';
import { countedGroup, type RateCount, type RateGroup } from '../rate-limit.ts';
import { ExchangeError } from '../wire/exchange-error.ts';
import { httpDate } from '../wire/times.ts';
import {
  type Connection,
  openConnection,
  type StreamTimes,
  streamErrorText,
  UPBIT_STREAM_TIMES,
} from './connection.ts';
import type { WatchedLedger } from './ledger-watch.ts';
import { createMessageLimit } from './message-limit.ts';
import { StreamError, type StreamRequest, type StreamSide } from './request.ts';
import { createSubscribers } from './subscribers.ts';

export interface StreamParts {
  readonly exchange: Exchange;
  readonly watched: WatchedLedger;
  readonly authenticate: Authenticate;
  readonly rateLimit: (group: RateGroup) => RateCount;
  readonly speed: number;
  readonly now: () => number;
  readonly wallClock: () => number;
  readonly log: (line: string) => void;
  readonly times?: StreamTimes | undefined;
}

const SIDES: Readonly<Record<string, StreamSide>> = { '/websocket/v1': 'public', '/websocket/v1/private': 'private' };

/** Bytes of a request: every type of 200 markets is 30 kB. */
const LONGEST_REQUEST = 65_536;
/** Connections at once, all clients together. */
const MOST_CONNECTIONS = 200;

/** The feed has a trade every 3 s of market time; a look comes twice in that, and ten times a second at least. */
const LOOK_MARKET_MS = 1_500;
const [SHORTEST_LOOK_MS, LONGEST_LOOK_MS] = [10, 100];

function sideOf(request: Pick<IncomingMessage, 'url'>): StreamSide | undefined {
  return SIDES[(request.url ?? '').split('?')[0] ?? ''];
}

/** Whether a request wants to become a WebSocket here. Others with an `Upgrade` header (`h2c`) are REST as ever. */
export function isStreamHandshake(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket' && sideOf(request) !== undefined;
}

/** Serves Upbit's WebSocket on the sockets of `app`, from the same quotes and ledger as its REST routes. */
export function serveStream(app: FastifyInstance, quotes: Quotes, parts: StreamParts): void {
  const { exchange, watched, authenticate, rateLimit, speed, now, wallClock, log } = parts;
  const subscribers = createSubscribers(quotes.topic);
  const server = new WebSocketServer({ noServer: true, maxPayload: LONGEST_REQUEST, perMessageDeflate: false });
  server.on('headers', (headers) => {
    headers.push(`${PAPER_MARK.header}: ${PAPER_MARK.value}`, `date: ${httpDate(now())}`);
  });

  const logFault = (error: unknown): void =>
    log(`paper exchange, WebSocket: ${error instanceof Error ? error.stack : error}`);
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      // A full disk, say, or a fault in a feed: it must end neither an order nor the exchange.
      logFault(error);
    }
  };
  const unwatch = watched.watch((...change) => guarded(() => subscribers.tellAccount(...change)));
  const look = (): void => {
    if (!subscribers.waiting) return;
    guarded(() => {
      const instant = now();
      if (subscribers.waitingForAccount) exchange.advance(instant);
      subscribers.tellQuotes(instant);
    });
  };
  const looking = setInterval(
    look,
    Math.min(LONGEST_LOOK_MS, Math.max(SHORTEST_LOOK_MS, Math.floor(LOOK_MARKET_MS / speed))),
  );

  const welcome = (socket: WebSocket, side: StreamSide): void => {
    const onFault = (error: unknown): void => {
      logFault(error);
      socket.terminate();
    };
    let newest: StreamRequest | undefined;
    const connection: Connection = openConnection(socket, {
      side,
      times: parts.times ?? UPBIT_STREAM_TIMES,
      admit: createMessageLimit(speed, wallClock),
      isTraded: (market) => exchange.markets.has(market as Market),
      hasBook: exchange.books !== undefined,
      onRequest(request) {
        newest = request;
        quotes
          .prepare(request.subscriptions)
          .then(() => {
            if (newest !== request || socket.readyState !== socket.OPEN) return;
            if (side === 'private') exchange.advance(now());
            subscribers.subscribe(connection, request, now());
          })
          .catch(onFault);
      },
      onFault,
      onClosed() {
        subscribers.remove(connection);
      },
    });
  };

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const side = sideOf(request);
    if (side === undefined) {
      refuse(socket, '404 Not Found');
      return;
    }
    const { allowed, blockedFor } = rateLimit(countedGroup('websocket-connect', request.headers));
    if (blockedFor !== undefined) {
      refuse(socket, "418 I'm a teapot");
      return;
    }
    if (!allowed) {
      refuse(socket, '429 Too Many Requests');
      return;
    }
    const refusal = side === 'private' ? refusalOf(authenticate, request) : undefined;
    if (server.clients.size >= MOST_CONNECTIONS) {
      refuse(socket, '503 Service Unavailable');
      return;
    }
    server.handleUpgrade(request, socket, head, (webSocket) => {
      if (refusal === undefined) return welcome(webSocket, side);
      webSocket.on('error', () => webSocket.terminate());
      webSocket.send(Buffer.from(streamErrorText(refusal)), { binary: true });
      webSocket.close(1008, refusal.code);
    });
  };

  app.server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    try {
      upgrade(request, socket, head);
    } catch (error) {
      logFault(error);
      socket.destroy();
    }
  });
  app.addHook('preClose', async () => {
    clearInterval(looking);
    unwatch();
    for (const client of server.clients) client.terminate();
    server.close();
  });
}

function refusalOf(authenticate: Authenticate, request: IncomingMessage): StreamError | undefined {
  try {
    authenticate({ authorization: request.headers.authorization, hashInput: undefined });
    return undefined;
  } catch (error) {
    if (error instanceof ExchangeError) return new StreamError('INVALID_AUTH', error.message);
    throw error;
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
