import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { createUpbitClient } from '../../../exchange/upbit/client.ts';

const market = parseMarket('KRW-BTC');
const order = { market, identifier: 'i-1', type: 'limit', side: 'bid', price: '1000', volume: '10' } as const;
const clientAt = (baseUrl: string) => createUpbitClient({ baseUrl, keys: { accessKey: 'key', secretKey: 'secret' } });

async function listen(answer: RequestListener) {
  const arrived: string[] = [];
  const server = createServer((request, response) => {
    arrived.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  onTestFinished(stop);
  return { arrived, stop, client: clientAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
}

it('an order is called unsent when nobody listens', async () => {
  const { client, stop, arrived } = await listen(() => undefined);
  stop();
  await expect(client.createOrder(order)).rejects.toMatchObject({
    name: 'NotSent',
    message: expect.stringMatching(/^order i-1 was not sent: POST \/v1\/orders failed: connect ECONNREFUSED/),
  });
  expect(arrived).toEqual([]);
});

it('an order is called unsent when the name of the exchange is not found', async () => {
  await expect(clientAt('http://exchange.invalid').createOrder(order)).rejects.toMatchObject({ name: 'NotSent' });
});

it('an order is called unsent when its turn came too late, and when a block is waited for', async () => {
  const { client, arrived } = await listen((_, response) => response.writeHead(418).end());
  await expect(client.createOrder(order, performance.now() - 1)).rejects.toMatchObject({ name: 'NotSent' });
  expect(arrived).toEqual([]);

  // An answer is not the absence of a request.
  await expect(client.createOrder(order)).rejects.toMatchObject({ name: 'Banned' });
  await expect(client.createOrder(order)).rejects.toMatchObject({ name: 'NotSent' });
  expect(arrived).toEqual(['POST /v1/orders']);
});

it('an order is called unsent when there is no key to sign it with', async () => {
  const client = createUpbitClient({ baseUrl: 'http://127.0.0.1:9' });
  await expect(client.createOrder(order)).rejects.toMatchObject({ name: 'NotSent' });
});

it('an order that arrived at an exchange which died of it is not called unsent', async () => {
  const { client, stop, arrived } = await listen((request, response) => {
    if (request.method === 'GET') return response.writeHead(200).end('[]');
    return stop();
  });
  await client.fetchBalances();
  await expect(client.createOrder(order)).rejects.toMatchObject({ name: 'AmbiguousSubmission' });
  expect(arrived).toEqual(['GET /v1/accounts', 'POST /v1/orders']);
});

it('no order that arrived is called unsent, whenever the exchange goes away', { timeout: 30_000 }, async () => {
  const told = new Map<string, number>();
  for (let round = 0; round < 60; round += 1) {
    const { client, stop, arrived } = await listen((_, response) => response.writeHead(200).end('[]'));
    await client.fetchBalances();
    // From well before the request leaves until well after it has arrived.
    setTimeout(stop, round / 20);
    const error = (await client.createOrder(order).catch((thrown: unknown) => thrown)) as Error;
    if (error.name === 'NotSent') expect(arrived).toEqual(['GET /v1/accounts']);
    told.set(error.name, (told.get(error.name) ?? 0) + 1);
  }
  expect([...told.keys()].sort()).toEqual(expect.arrayContaining(['AmbiguousSubmission']));
});
