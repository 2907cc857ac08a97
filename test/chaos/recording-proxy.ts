import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request to create an order, as it came by; instants of `performance.now()`. */
export interface CreateRequest {
  readonly identifier: string;
  readonly arrived: number;
  /** When it was passed on; a slow way lies between. */
  passedOn: number | undefined;
}

/**
 * A way to an exchange on this machine that writes down every request to create an order, and lets some of them take
 * their time, as a slow network does.
 *
 * @param delayMs how long the next one takes
 */
export async function startRecordingProxy(exchangePort: number, delayMs: () => number) {
  const creates: CreateRequest[] = [];
  const agent = new Agent({ keepAlive: true });

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (request.method === 'POST' && request.url?.startsWith('/v1/orders')) {
      const { identifier } = JSON.parse(body.toString()) as { identifier: string };
      const create: CreateRequest = { identifier, arrived: performance.now(), passedOn: undefined };
      creates.push(create);
      const delay = delayMs();
      if (delay > 0) await sleep(delay);
      create.passedOn = performance.now();
    }
    const { method, url, headers } = request;
    const onward = send(
      { host: '127.0.0.1', port: exchangePort, method: method ?? 'GET', path: url ?? '/', headers, agent },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        answer.once('error', () => response.destroy());
      },
    );
    onward.once('error', () => response.destroy());
    onward.end(body);
  }

  const server = createServer((request, response) => {
    // Whoever asked is gone in the middle of it.
    pass(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    creates: creates as readonly CreateRequest[],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}
