import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import { createTransport, type Transport } from '../../exchange/upbit/transport.ts';

/** A request of our client's, byte for byte as it arrived. */
interface Sent {
  readonly method: string;
  /** As it was sent, without the question mark. */
  readonly query: string;
  readonly body: string;
  readonly contentType: string | undefined;
  /** The claims of its signature. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What our client sends for a call, to a server that takes everything. */
export async function sentFor(call: (transport: Transport) => Promise<unknown>): Promise<Sent> {
  const { promise, resolve } = Promise.withResolvers<Sent>();
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
    const { method = '', url = '', headers } = request;
    resolve({
      method,
      query: url.split('?')[1] ?? '',
      body: Buffer.concat(parts).toString(),
      contentType: headers['content-type'],
      claims: decodeJwt((headers.authorization ?? '').replace('Bearer ', '')),
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const keys = { accessKey: 'access', secretKey: 'a secret that is long enough for anybody' };
    await call(createTransport({ baseUrl, keys }));
    return await promise;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
