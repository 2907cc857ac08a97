import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is done to the answer of one request that it is for; what the exchange did stays done. */
export interface Mischief {
  /** `POST /v1/orders` */
  readonly of: string;
  /** @param echo the request, its signature included, as text */
  answer(response: ServerResponse, echo: string): void;
}

/** Headers about how an answer was brought here. */
const OF_THE_LINE = ['connection', 'content-encoding', 'content-length', 'keep-alive', 'transfer-encoding'];

/** A way to an exchange on this machine that says requests back in place of what the exchange answered. */
export async function openEchoingWay(exchangeUrl: string) {
  const left: Mischief[] = [];

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { method = 'GET', url = '/', headers } = request;
    const body = Buffer.concat(parts);
    const { authorization = '', 'content-type': type = 'application/json' } = headers;
    const answer = await fetch(`${exchangeUrl}${url}`, {
      method,
      headers: { ...(authorization === '' ? {} : { authorization }), 'content-type': type },
      ...(method === 'POST' ? { body } : {}),
    });
    const said = Buffer.from(await answer.arrayBuffer());
    const kept = [...answer.headers].filter(([name]) => !OF_THE_LINE.includes(name));
    const index = left.findIndex(({ of }) => of === `${method} ${url.split('?')[0]}`);
    const [mischief] = answer.ok && index >= 0 ? left.splice(index, 1) : [];
    if (mischief === undefined) response.writeHead(answer.status, Object.fromEntries(kept)).end(said);
    else mischief.answer(response, `${method} ${url} ${JSON.stringify(headers)} ${body}`);
  }

  const server = createServer((request, response) => {
    // The exchange is gone, or whoever asked.
    pass(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Does each of these once, to the first request it is for. */
    play(mischiefs: readonly Mischief[]): void {
      left.push(...mischiefs);
    },
    /** Those nobody has met yet. */
    left: (): string[] => left.map(({ of }) => of),
    close(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}
