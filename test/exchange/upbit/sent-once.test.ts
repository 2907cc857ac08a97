import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { createUpbitClient } from '../../../exchange/upbit/client.ts';

const market = parseMarket('KRW-BTC');
const order = { market, identifier: 'i-1', type: 'limit', side: 'bid', price: '1000', volume: '10' } as const;

/** A client, and what arrived at the server it talks to. */
async function clientOf(onCreate: (request: IncomingMessage, response: ServerResponse, times: number) => void) {
  const arrived: string[] = [];
  const server = createServer((request, response) => {
    arrived.push(`${request.method} ${request.url}`);
    const creates = arrived.filter((line) => line.startsWith('POST')).length;
    if (request.method === 'POST') onCreate(request, response, creates);
    else response.writeHead(200).end('[]');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { arrived, client: createUpbitClient({ baseUrl, keys: { accessKey: 'key', secretKey: 'secret' } }) };
}

it('an order is sent once where the server closes the connection it had kept alive', async () => {
  const { arrived, client } = await clientOf((request) => request.socket.destroy());
  await client.fetchBalances();
  await expect(client.createOrder(order)).rejects.toMatchObject({ name: 'AmbiguousSubmission' });
  expect(arrived).toEqual(['GET /v1/accounts', 'POST /v1/orders']);
});

it.each([307, 308])('an order is sent once where it is answered with a redirection (%i)', async (status) => {
  const { arrived, client } = await clientOf((request, response, times) => {
    request.resume();
    response.writeHead(times === 1 ? status : 201, { location: '/v1/orders' }).end();
  });
  await expect(client.createOrder(order)).rejects.toMatchObject({ name: 'AmbiguousSubmission' });
  expect(arrived).toEqual(['POST /v1/orders']);
});
