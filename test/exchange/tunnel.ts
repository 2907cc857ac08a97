import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server on this machine for the running test. Returns its address. */
export async function serveForTest(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<string> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** As a tunnel to Upbit looks from here: an exchange that answers everything and does not say that it is on paper. */
export async function startTunnel(to: string) {
  /** Requests that showed a key. */
  const signed: string[] = [];
  const url = await serveForTest(async (request, response) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) signed.push(`${request.method} ${request.url}`);
    const far = await fetch(`${to}${request.url}`, {
      method: request.method ?? 'GET',
      headers: authorization === undefined ? {} : { authorization },
    });
    const headers = Object.fromEntries(
      ['content-type', 'date', 'remaining-req'].map((name) => [name, far.headers.get(name) ?? '']),
    );
    response.writeHead(far.status, headers).end(await far.text());
  });
  return { url, signed };
}
