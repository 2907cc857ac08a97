import { expect, it, onTestFinished, vi } from 'vitest';
import { parseMarket } from '../../config/market.ts';
import { ExchangeUnavailable } from '../../exchange/errors.ts';
import { listenToMinutes, listenToOrders } from '../../workers/live-news.ts';
import { paperOptions, startForTest } from '../exchange/paper/paper.ts';

const BTC = parseMarket('KRW-BTC');
const LONG_MS = 60_000;
const LISTENING = { FEED_MODE: 'websocket' as const, MARKETS: [BTC] };

const way = (baseUrl: string, prove: () => Promise<void> = async () => undefined) => {
  const { accessKey, secretKey } = paperOptions();
  return { baseUrl, prove, keys: { accessKey, secretKey } };
};

it('without FEED_MODE=websocket nobody listens', () => {
  const settings = { FEED_MODE: 'rest' as const, MARKETS: [BTC] };
  expect(listenToMinutes(settings, 'http://127.0.0.1:9')).toBeUndefined();
  expect(listenToOrders(settings, way('http://127.0.0.1:9'))).toBeUndefined();
});

it('who is to be told of no market does not start', () => {
  const listen = () => listenToMinutes({ FEED_MODE: 'websocket', MARKETS: undefined }, 'http://127.0.0.1:9');
  expect(listen).toThrow(/MARKETS is not set/);
});

it('with it both are told by the exchange, and say so', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => said.mockRestore());
  const { url } = await startForTest();
  const [minutes, orders] = [listenToMinutes(LISTENING, url), listenToOrders(LISTENING, way(url))];
  onTestFinished(async () => {
    await Promise.all([minutes?.close(), orders?.close()]);
  });

  // Each is told that from now on it is told.
  await Promise.all([minutes?.listen(BTC).next(LONG_MS), orders?.listen('an order').next(LONG_MS)]);
  expect(said.mock.calls.flat().sort()).toEqual([
    "the exchange's stream of orders is there",
    "the exchange's stream of prices is there",
  ]);
});

it('no key is shown to an exchange that has not proven to be on paper', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => said.mockRestore());
  const { url } = await startForTest();
  const orders = listenToOrders(
    LISTENING,
    way(url, () => Promise.reject(new ExchangeUnavailable('down'))),
  );
  onTestFinished(() => orders?.close());

  await expect.poll(() => said.mock.calls.flat()).toEqual([expect.stringContaining('no stream of orders')]);
});
