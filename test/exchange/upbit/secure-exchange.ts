import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { parseMarket } from '../../../config/market.ts';
import { createUpbitClient } from '../../../exchange/upbit/client.ts';
import { selfSigned } from '../../support/self-signed.ts';

/** Whoever is to connect has to trust it. */
export const CERTIFICATE = selfSigned();

const market = parseMarket('KRW-BTC');
export const orderOf = (identifier: string) =>
  ({ market, identifier, type: 'limit', side: 'bid', price: '1000', volume: '10' }) as const;

const ACCEPTED = JSON.stringify({
  ...{ uuid: 'u-1', market, side: 'bid', ord_type: 'limit', price: '1000', state: 'wait', volume: '10' },
  ...{ executed_volume: '0', paid_fee: '0' },
});

/** An exchange behind TLS that has no account and takes every order, and a client of it; see `seen`. */
export async function secureExchange(answer: RequestListener = answerUsually) {
  const seen = { handshakes: 0, arrived: [] as string[], lines: new Set<Socket>() };
  const server = createServer(CERTIFICATE, (request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const identifier = request.method === 'POST' ? ` ${JSON.parse(body).identifier}` : '';
      seen.arrived.push(`${request.method} ${request.url}${identifier}`);
      answer(request, response);
    });
  });
  // It closes no connection by itself, and names no time after which it would.
  server.keepAliveTimeout = 0;
  server.on('connection', (line: Socket) => {
    seen.lines.add(line);
    line.on('close', () => seen.lines.delete(line));
  });
  server.on('secureConnection', () => {
    seen.handshakes += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    server,
    seen,
    port,
    client: clientAt(port),
    close(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}

export function clientAt(port: number) {
  return createUpbitClient({ baseUrl: `https://127.0.0.1:${port}`, keys: { accessKey: 'key', secretKey: 'secret' } });
}

function answerUsually(...[request, response]: Parameters<RequestListener>): void {
  if (request.method === 'POST') response.writeHead(201).end(ACCEPTED);
  else response.writeHead(200).end('[]');
}
