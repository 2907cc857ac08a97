import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import type { FuzzRequest } from './request.ts';

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Bytes after the answer: the server took the request for more than one. */
  readonly excess: number;
}

/** The longest an answer may take, on a machine that is busy with other things. */
const PATIENCE_MS = 30_000;

/** Sends bytes as they are, one request after the other, over a connection that is kept as long as may be. */
export class RawClient {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** @returns undefined when the server ended the connection without an answer. */
  async send({ bytes, method, cutOff = false, lastOnConnection = cutOff }: Wanted): Promise<RawAnswer | undefined> {
    const socket = await this.#connected();
    const answer = await exchanged(socket, bytes, { cutOff, bodiless: method === 'HEAD' });
    if (lastOnConnection || answer === undefined || answer.headers.get('connection') === 'close') this.close();
    return answer;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async #connected(): Promise<Socket> {
    if (this.#socket?.writable) return this.#socket;
    const socket = createConnection({ port: this.#port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    // A reset after the answer is none of the client's business, and one before it is a missing answer.
    socket.on('error', () => socket.destroy());
    await once(socket, 'connect');
    this.#socket = socket;
    return socket;
  }
}

type Wanted = Pick<FuzzRequest, 'bytes' | 'method' | 'cutOff' | 'lastOnConnection'>;

function exchanged(
  socket: Socket,
  bytes: Buffer,
  { cutOff, bodiless }: { cutOff: boolean; bodiless: boolean },
): Promise<RawAnswer | undefined> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      for (const event of ['data', 'end', 'close']) socket.removeAllListeners(event);
      finish();
    };
    const timer = setTimeout(() => settle(() => reject(new Error('no answer'))), PATIENCE_MS);
    socket.on('data', (part) => {
      received = Buffer.concat([received, part]);
      const answer = answerIn(received, bodiless);
      if (answer !== undefined) settle(() => resolve(answer));
    });
    for (const event of ['end', 'close']) socket.on(event, () => settle(() => resolve(undefined)));
    if (cutOff) socket.end(bytes);
    else socket.write(bytes);
  });
}

/** The answer in what has come so far; undefined when it is not whole yet. */
function answerIn(received: Buffer, bodiless: boolean): RawAnswer | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = received.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  const rest = received.subarray(end + 4);
  if (status === 100) return answerIn(rest, bodiless);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const length = bodiless ? 0 : Number(headers.get('content-length'));
  if (rest.length < length) return undefined;
  return { status, headers, body: rest.toString('utf8', 0, length), excess: rest.length - length };
}
