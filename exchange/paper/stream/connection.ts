import type { WebSocket } from 'ws';
import { type Format, messageText, type StreamMessage } from './message.ts';
import { readStreamRequest, StreamError, type StreamRequest, type StreamSide } from './request.ts';

/** Wall times, ms. */
export interface StreamTimes {
  /** A connection on which nothing moved for so long, either way, is closed. */
  readonly idleMs: number;
  /** How often a client that sent PING is told that all is well. */
  readonly statusEveryMs: number;
}

export const UPBIT_STREAM_TIMES: StreamTimes = { idleMs: 120_000, statusEveryMs: 10_000 };

/** Bytes that may wait for a reader. Who lets more pile up is cut off; a ticker is 1 kB. */
const MOST_UNREAD = 1_048_576;

/** One client, as the feeds see it. */
export interface Connection {
  readonly side: StreamSide;
  send(message: StreamMessage, format: Format): void;
  /** Ends it as a broken line would: what is missing must not be missed silently. */
  cut(): void;
}

interface ConnectionParts {
  readonly side: StreamSide;
  readonly times: StreamTimes;
  /** Counts a message; false when it is one too many. */
  readonly admit: () => boolean;
  readonly isTraded: (market: string) => boolean;
  /** Whether there is an order book to subscribe to. */
  readonly hasBook: boolean;
  /** What is asked for from now on, in place of everything before. */
  readonly onRequest: (request: StreamRequest) => void;
  readonly onClosed: () => void;
  /** A fault of ours while a message was read. */
  readonly onFault: (error: unknown) => void;
}

/** Speaks with one client over its socket: requests in, messages and refusals out. */
export function openConnection(socket: WebSocket, parts: ConnectionParts): Connection {
  const { side, times, admit, isTraded, hasBook, onRequest, onClosed, onFault } = parts;
  let status: NodeJS.Timeout | undefined;
  const idle = setTimeout(() => socket.close(1000, 'idle'), times.idleMs);

  const write = (text: string): void => {
    if (socket.readyState !== socket.OPEN) return;
    idle.refresh();
    // Binary, as Upbit sends it.
    socket.send(Buffer.from(text), { binary: true });
    if (socket.bufferedAmount > MOST_UNREAD) socket.terminate();
  };
  const startStatus = (): void => {
    if (status !== undefined) return;
    const tell = (): void => write('{"status":"UP"}');
    tell();
    status = setInterval(tell, times.statusEveryMs);
  };
  const answer = (text: string): void => {
    if (!admit()) throw new StreamError('TOO_MANY_REQUEST', 'too many messages');
    if (text === 'PING') startStatus();
    else onRequest(readStreamRequest(text, side, isTraded, hasBook));
  };

  socket.on('ping', () => idle.refresh());
  socket.on('pong', () => idle.refresh());
  socket.on('message', (data) => {
    idle.refresh();
    try {
      answer(data.toString());
    } catch (error) {
      if (error instanceof StreamError) write(streamErrorText(error));
      else onFault(error);
    }
  });
  // What is wrong with a frame, or a line that broke: 'close' follows.
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    clearTimeout(idle);
    clearInterval(status);
    onClosed();
  });

  return { side, send: (message, format) => write(messageText(message, format)), cut: () => socket.terminate() };
}

export function streamErrorText({ code, message }: StreamError): string {
  return JSON.stringify({ error: { name: code, message } });
}
