import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { createUpbitClient } from '../../../exchange/upbit/client.ts';

const market = parseMarket('KRW-BTC');
const order = { market, identifier: 'i-1', type: 'limit', side: 'bid', price: '1000', volume: '10' } as const;

it('an order that has waited for its turn for too long does not leave, and is no rejection', async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const client = createUpbitClient({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys: { accessKey: 'key', secretKey: 'secret' },
    // As after a 429: the group has no call left until the next second.
    rateLimits: { admit: () => sleep(200, () => undefined), pause: () => undefined },
  });

  await expect(client.createOrder(order, performance.now() + 100)).rejects.toMatchObject({
    name: 'NotSent',
  });
  await expect(client.createOrder(order, Number.NaN)).rejects.toMatchObject({ name: 'NotSent' });
  // The machine was suspended meanwhile, and the clock that nobody sets stood still with it.
  const inTime = performance.now() + 60_000;
  for (const wall of [Date.now() - 1, Number.NaN]) {
    await expect(client.createOrder(order, inTime, wall)).rejects.toMatchObject({ name: 'NotSent' });
  }
  expect(asked).toBe(0);

  await expect(client.createOrder(order, performance.now() + 60_000, Date.now() + 60_000)).rejects.toThrow();
  expect(asked).toBe(1);
});
