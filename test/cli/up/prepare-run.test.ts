import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { requireListedMarkets } from '../../../cli/up/prepare-run.ts';
import { parseMarket } from '../../../config/market.ts';
import { startForTest } from '../../exchange/paper/paper.ts';

it('a market that the exchange does not list is refused before anything is collected', async () => {
  const { url } = await startForTest();
  const instance = (market: string) => ({ exchangeUrl: url, markets: [parseMarket(market)] });

  await expect(requireListedMarkets(instance('KRW-BTC'))).resolves.toBeUndefined();
  await expect(requireListedMarkets(instance('KRW-NOPE'))).rejects.toThrow(/lists no market KRW-NOPE; mend --markets/);

  // Named by what tells it from others: nothing else of an address, such as a password, is shown.
  const refusal = requireListedMarkets({ exchangeUrl: `${url}/`, markets: [parseMarket('KRW-NOPE')] });
  await expect(refusal).rejects.toThrow(`${url} lists no market`);
});

it('a connection that breaks while everything starts does not end the start', async () => {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    if (asked === 1) return void request.socket.destroy();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify([{ market: 'KRW-BTC', korean_name: '비트코인', english_name: 'Bitcoin' }]));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const exchangeUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  await expect(requireListedMarkets({ exchangeUrl, markets: [parseMarket('KRW-BTC')] })).resolves.toBeUndefined();
  expect(asked).toBe(2);
});
