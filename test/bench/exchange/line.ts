import { once } from 'node:events';
import { createConnection } from 'node:net';

export interface Answer {
  readonly status: number;
  /** Head and body. */
  readonly text: string;
}

/** A connection that is kept, for one request at a time. */
export interface Line {
  send(request: Buffer, answered: (answer: Answer) => void): void;
  close(): void;
}

/**
 * Bytes in, status out, and nothing else: Node's own HTTP client took 60 to 90 µs a request, half of what the exchange
 * may take for one, so that on a core of its own it would have been what is measured.
 *
 * @param failed called when the connection breaks while it is in use.
 */
export async function openLine(port: number, failed: (error: Error) => void): Promise<Line> {
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let received = '';
  let waiting: ((answer: Answer) => void) | undefined;
  socket.setEncoding('latin1');
  socket.on('error', failed);
  socket.on('close', () => {
    if (waiting !== undefined) failed(new Error(`the exchange closed a connection in the middle of: ${received}`));
  });
  socket.on('data', (chunk: string) => {
    received += chunk;
    if (received.length < lengthOf(received)) return;
    const answer = { status: Number(received.slice(9, 12)), text: received };
    const answered = waiting;
    received = '';
    waiting = undefined;
    answered?.(answer);
  });
  return {
    send(request, answered) {
      waiting = answered;
      socket.write(request);
    },
    close() {
      waiting = undefined;
      socket.destroy();
    },
  };
}

/** How long the answer that begins so is, head and body, in bytes; more than there are while its head is not whole. */
export function lengthOf(received: string): number {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return Number.POSITIVE_INFINITY;
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(received.slice(0, headEnd + 2))?.[1];
  if (length === undefined) throw new Error(`an answer without a length: ${received.slice(0, headEnd)}`);
  return headEnd + 4 + Number(length);
}
