import { expect, test } from 'vitest';
import { parseMarket } from '../../../../config/market.ts';
import type { OrderRequest } from '../../../../exchange/port.ts';
import { createUpbitClient } from '../../../../exchange/upbit/client.ts';
import type { NewFaultRule } from '../../../support/fault-control.ts';
import { openFaulty } from './faulty.ts';

const KEYS = { accessKey: 'access', secretKey: 'a secret that is long enough for anybody' };
const order = (identifier: string): OrderRequest => ({
  type: 'limit',
  market: parseMarket('KRW-BTC'),
  side: 'bid',
  price: '140000000',
  volume: '0.0001',
  identifier,
});
const ONCE = { endpoint: 'POST /v1/orders', next: 1 } as const;

test.each<[rule: NewFaultRule, error: string, orders: number]>([
  [{ kind: 'reset', when: 'before', ...ONCE }, 'AmbiguousSubmission', 0],
  [{ kind: 'reset', when: 'after', ...ONCE }, 'AmbiguousSubmission', 1],
  [{ kind: 'http-500', when: 'before', ...ONCE }, 'AmbiguousSubmission', 0],
  [{ kind: 'http-500', when: 'after', ...ONCE }, 'AmbiguousSubmission', 1],
  [{ kind: 'garbage', when: 'before', ...ONCE }, 'AmbiguousSubmission', 0],
  [{ kind: 'garbage', when: 'after', ...ONCE }, 'AmbiguousSubmission', 1],
  [{ kind: 'truncated', ...ONCE }, 'AmbiguousSubmission', 1],
  [{ kind: 'accept-late', connection: 'closed', delay_ms: 1, next: 1 }, 'AmbiguousSubmission', 1],
  [{ kind: 'http-429', ...ONCE }, 'RateLimited', 0],
  [{ kind: 'too-many-request-order', ...ONCE }, 'RateLimited', 0],
  [{ kind: 'http-418', ...ONCE }, 'Banned', 0],
  [{ kind: 'market-offline', ...ONCE }, 'MarketOffline', 0],
  [{ kind: 'burned-identifier', ...ONCE }, 'OrderRejected', 0],
])("the bot's own client meets %j as %s", async (rule, error, orders) => {
  const { control, url } = await openFaulty();
  const client = createUpbitClient({ baseUrl: url, keys: KEYS });
  await control.add(rule);

  const failure = await client.createOrder(order('a')).catch((thrown: Error) => thrown);

  expect(failure.constructor.name).toBe(error);
  await expect.poll(async () => (await control.ledger()).orders).toHaveLength(orders);
});
