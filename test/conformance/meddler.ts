import { createServer, type IncomingMessage, type OutgoingHttpHeaders, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request on its way. */
export interface Message {
  readonly method: string;
  readonly target: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** A way to an exchange on which requests do not stay what they are, as through a proxy that means it too well. */
export interface Meddler {
  readonly url: string;
  /** How many came by. */
  readonly seen: () => number;
  close(): Promise<void>;
}

/** @param meddle what becomes of a request: the messages that go on, of which the last is answered */
export async function openMeddler(
  exchangeUrl: string,
  meddle: (message: Message) => readonly Message[],
): Promise<Meddler> {
  let seen = 0;
  const server = createServer(async (request, response) => {
    seen += 1;
    const { method = 'GET', url: target = '/' } = request;
    const { host: _, connection: __, ...headers } = request.headers;
    try {
      let answer: Answered = { status: 502, headers: {}, body: Buffer.alloc(0) };
      for (const message of meddle({ method, target, headers, body: await bodyOf(request) })) {
        answer = await passOn(exchangeUrl, message);
      }
      response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch {
      // Whoever asked sees what a broken way looks like.
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: () => seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Answered {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

async function passOn(exchangeUrl: string, { method, target, headers, body }: Message): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const onward = send(`${exchangeUrl}${target}`, { method, headers, agent: false }, resolve);
  onward.once('error', reject);
  onward.end(body);
  const answer = await promise;
  const { connection: _, ...answered } = answer.headers;
  return { status: answer.statusCode ?? 502, headers: answered, body: await bodyOf(answer) };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
