import { expect, it } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { createUpbitClient } from '../../../exchange/upbit/client.ts';
import { createUpbitOperator } from '../../../exchange/upbit/operator.ts';
import { createTransport } from '../../../exchange/upbit/transport.ts';
import { paperOptions, startForTest } from '../paper/paper.ts';

const BTC = parseMarket('KRW-BTC');
const times = (count: number, ask: () => Promise<unknown>): Promise<unknown>[] => Array.from({ length: count }, ask);

/** On a paper exchange that counts by real time, as all that is known to a client is what Upbit documents. */
async function freshOnPaper() {
  const { accessKey, secretKey } = paperOptions();
  const { url: baseUrl } = await startForTest();
  const options = { baseUrl, keys: { accessKey, secretKey }, readTimeoutMs: 10_000 };
  return { client: createUpbitClient(options), operator: createUpbitOperator(createTransport(options)) };
}

it('thirty first calls at once, and sixty of the account, meet no refusal', { timeout: 30_000 }, async () => {
  const { client } = await freshOnPaper();
  const began = performance.now();
  await Promise.all([
    ...times(30, () => client.listMarkets()),
    ...times(30, () => client.fetchMinuteCandles(BTC, { count: 1 })),
    ...times(60, () => client.fetchBalances()),
  ]);
  expect(performance.now() - began).toBeGreaterThan(1_990);
});

it('open orders are cancelled twice in a row: the second time waits for its turn', { timeout: 30_000 }, async () => {
  const { operator } = await freshOnPaper();
  const began = performance.now();
  await operator.cancelOpenOrders();
  expect(await operator.cancelOpenOrders()).toEqual({ accepted: [], refused: [] });
  expect(performance.now() - began).toBeGreaterThan(1_990);
});
