import type { ClientRequest, IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { AuthenticationFailed } from '../../errors.ts';
import { failureOf } from '../failures.ts';
import type { HideKeys } from '../hide-keys.ts';
import type { Pace } from './pace.ts';
import { type Read, readFrame } from './read-message.ts';

/** What is used of a socket of the package `ws`. */
export type StreamSocket = Pick<WebSocket, 'on' | 'send' | 'ping' | 'close' | 'terminate' | 'readyState'>;

/** Opens a socket to `url` with these headers in its handshake. */
export type OpenSocket = (url: string, headers: Readonly<Record<string, string>>) => StreamSocket;

/** Wall times in ms. */
export interface ConnectionTiming {
  /** Time a handshake may take. */
  readonly handshakeMs: number;
  /** How often the line is tried; Upbit drops one that was silent for 120 s. */
  readonly pingEveryMs: number;
  /** A line that does not answer for so long is dead. */
  readonly pongWithinMs: number;
}

interface ConnectionParts {
  readonly timing: ConnectionTiming;
  readonly pace: Pace;
  readonly now: () => number;
  readonly hideKeys: HideKeys;
  readonly onOpen: () => void;
  /** `frame` is what it was read from. */
  readonly onRead: (read: Exclude<Read, { kind: 'refusal' }>, frame: string) => void;
  /** Once, at the end; `refusal`: the exchange's reason. */
  readonly onEnd: (reason: string, refusal: Error | undefined) => void;
}

/** One line to the exchange, from its handshake to its end. */
export interface Connection {
  /** Sends what is to be said once its turn comes; nothing on a line that is gone by then. */
  send(say: () => string): void;
  /** Ends it with a farewell, or without where none is answered in time. */
  close(): Promise<void>;
}

const OPEN = 1;
/** The code of a line without a farewell (RFC 6455). */
const BROKEN = 1006;
/** Time for a farewell. */
const FAREWELL_MS = 1_000;
/** Characters of a refused handshake's body that are read. */
const LONGEST_REFUSAL = 65_536;

export function watchConnection(socket: StreamSocket, parts: ConnectionParts): Connection {
  const { timing, pace, now, hideKeys, onOpen, onRead, onEnd } = parts;
  const { promise: ended, resolve: resolveEnded } = Promise.withResolvers<void>();
  const timers = new Set<NodeJS.Timeout>();
  let reason: string | undefined;
  let refusal: Error | undefined;
  let isOver = false;
  let dead: NodeJS.Timeout | undefined;

  const after = (ms: number, work: () => void): NodeJS.Timeout => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
    return timer;
  };
  const cancel = (timer: NodeJS.Timeout | undefined): void => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timers.delete(timer);
  };
  const cut = (why: string): void => {
    reason = why;
    socket.terminate();
  };
  const inTurn = (work: () => void): void => {
    const go = (): void => {
      if (socket.readyState === OPEN) work();
    };
    const delay = pace();
    if (delay > 0) after(delay, go);
    else go();
  };
  const keepAlive = (): void => {
    inTurn(() => {
      socket.ping();
      dead ??= after(timing.pongWithinMs, () => cut('the line is dead'));
    });
    after(timing.pingEveryMs, keepAlive);
  };

  const opening = after(timing.handshakeMs, () => cut('no handshake in time'));
  socket.on('open', () => {
    cancel(opening);
    after(timing.pingEveryMs, keepAlive);
    onOpen();
  });
  socket.on('pong', () => {
    cancel(dead);
    dead = undefined;
  });
  socket.on('message', (data) => {
    const frame = data.toString();
    for (const read of readFrame(frame, hideKeys)) {
      if (isOver || refusal !== undefined) return;
      if (read.kind !== 'refusal') onRead(read, frame);
      else {
        refusal = read.error;
        reason = 'the exchange refused';
        socket.close();
        after(FAREWELL_MS, () => socket.terminate());
      }
    }
  });
  socket.on('unexpected-response', (request: ClientRequest, response: IncomingMessage) => {
    let body = '';
    // At once, because the body may never end: what a block or a wrong key means for the next try must not depend on it.
    const judge = (): void => {
      refusal = refusedHandshake({ status: response.statusCode ?? 0, body }, hideKeys, now());
    };
    judge();
    reason = 'the exchange refused the handshake';
    response.on('data', (part: Buffer) => {
      body += part.toString();
      if (body.length > LONGEST_REFUSAL) request.destroy();
    });
    response.on('close', () => {
      judge();
      socket.terminate();
    });
  });
  socket.on('error', (error) => {
    reason ??= hideKeys(error.message);
  });
  socket.on('close', (code) => {
    isOver = true;
    for (const timer of timers) clearTimeout(timer);
    resolveEnded();
    onEnd(reason ?? (code === BROKEN ? 'the line broke' : `the exchange closed the line (${code})`), refusal);
  });

  return {
    send: (say) => inTurn(() => socket.send(say())),
    close() {
      if (socket.readyState === OPEN) {
        socket.close(1000);
        after(FAREWELL_MS, () => socket.terminate());
      } else if (!isOver) socket.terminate();
      return ended;
    },
  };
}

function refusedHandshake(
  answer: { readonly status: number; readonly body: string },
  hideKeys: HideKeys,
  now: number,
): Error {
  const failure = failureOf(answer, { group: 'websocket-connect', creates: false, hideKeys }, now);
  if (answer.status !== 401 || failure instanceof AuthenticationFailed) return failure;
  return new AuthenticationFailed('401', 'the exchange refused the handshake without a reason we can read');
}
