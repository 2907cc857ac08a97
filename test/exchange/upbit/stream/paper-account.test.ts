import { randomBytes } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { parseMarket } from '../../../../config/market.ts';
import { AuthenticationFailed } from '../../../../exchange/errors.ts';
import { openAccountStream } from '../../../../exchange/upbit/stream/stream.ts';
import { paperOptions, signed, standingWall, startForTest } from '../../paper/paper.ts';
import { recorder } from './scripted-lines.ts';

const BTC = parseMarket('KRW-BTC');
const QUICK = { firstRetryMs: 20, longestRetryMs: 100, settleMs: 100 };
const MINUTE = 60_000;

async function account(secretKey = paperOptions().secretKey) {
  const wall = standingWall();
  const exchange = await startForTest({ wallClock: wall.now });
  const heard = recorder();
  const lines: string[] = [];
  const stream = openAccountStream({
    baseUrl: exchange.url,
    keys: { accessKey: paperOptions().accessKey, secretKey },
    subscriptions: [{ type: 'myOrder' }, { type: 'myAsset' }],
    onEvent: heard.onEvent,
    timing: QUICK,
    log: (line) => lines.push(line),
  });
  onTestFinished(() => stream.close());
  return {
    ...heard,
    wall,
    lines,
    states: () => heard.of('order').map(({ order }) => order.state),
    post: (body: Record<string, unknown>) => signed(exchange.url, 'POST', '/v1/orders', { body }),
    call: (method: string, path: string, query = '') => signed(exchange.url, method, path, { query }),
  };
}

it('hears every step of an order, with fees and balances', async () => {
  const { of, states, post, call } = await account();
  await expect.poll(() => of('gap').length).toBe(1);
  await post({ market: BTC, side: 'bid', ord_type: 'price', price: '10000', identifier: 'one' });
  await expect.poll(() => states()).toEqual(['wait', 'trade', 'cancel']);

  const { json } = await call('GET', '/v1/order', 'identifier=one');
  const [, fill, last] = of('order').map(({ order }) => order);
  expect(last).toMatchObject({ exchangeOrderId: json.uuid, identifier: 'one', paidFee: json.paid_fee });
  expect(fill?.fill).toMatchObject({
    exchangeTradeId: json.trades[0].uuid,
    price: json.trades[0].price,
    volume: json.trades[0].volume,
    fee: json.paid_fee,
    isMaker: false,
  });
  const { json: accounts } = await call('GET', '/v1/accounts');
  await expect
    .poll(() => of('assets').at(-1)?.assets.assets)
    .toEqual(
      accounts.map(({ currency, balance, locked }: Record<string, string>) => ({ currency, free: balance, locked })),
    );
});

it('hears a maker fill and the end of an order that rested', async () => {
  const { of, states, post, call, wall } = await account();
  await expect.poll(() => of('gap').length).toBe(1);
  const price = '150040000';
  await post({ market: BTC, side: 'bid', ord_type: 'limit', price, volume: '0.0001', identifier: 'near' });
  wall.pass(20 * MINUTE);
  await expect.poll(() => states().at(-1)).toBe('done');
  const { json } = await call('GET', '/v1/order', 'identifier=near');
  const fills = of('order').flatMap(({ order }) => order.fill ?? []);
  expect(fills.map(({ exchangeTradeId }) => exchangeTradeId)).toEqual(
    json.trades.map(({ uuid }: { uuid: string }) => uuid),
  );
  expect(fills.map(({ isMaker }) => isMaker)).toEqual(fills.map(() => true));
});

it('hears the end of an order that was cancelled', async () => {
  const { of, states, post, call } = await account();
  await expect.poll(() => of('gap').length).toBe(1);
  await post({ market: BTC, side: 'bid', ord_type: 'limit', price: '140000000', volume: '0.0001', identifier: 'far' });
  await call('DELETE', '/v1/order', 'identifier=far');
  await expect.poll(() => states()).toEqual(['wait', 'cancel']);
  expect(of('order').at(-1)?.order).toMatchObject({ executedVolume: '0', fill: undefined, price: '140000000' });
});

it('tells each time that the key is refused, then stops, and never shows the key', async () => {
  const secretKey = randomBytes(32).toString('hex');
  const { of, lines } = await account(secretKey);
  await expect.poll(() => of('stopped').length).toBe(1);
  expect(of('refused')).toHaveLength(3);
  expect(of('stopped')[0]?.error).toBeInstanceOf(AuthenticationFailed);
  const said = [...lines, ...of('refused').map(({ error }) => String(error.stack))].join('\n');
  expect(said).not.toContain(secretKey);
  expect(said).not.toContain('Bearer');
});
