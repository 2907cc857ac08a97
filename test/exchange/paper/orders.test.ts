import { expect, test } from 'vitest';
import { type Answer, signed, standingWall, startForTest } from './paper.ts';

const MINUTE = 60_000;
/** The fixture trades near 150,000,000. */
const farBid = { market: 'KRW-BTC', side: 'bid', volume: '0.0001', price: '140000000', ord_type: 'limit' };

async function open() {
  const wall = standingWall();
  const { url } = await startForTest({ wallClock: wall.now });
  const call = (method: string, path: string, query = '') => signed(url, method, path, { query });
  return {
    url,
    wall,
    call,
    post: (body: Record<string, unknown>) => signed(url, 'POST', '/v1/orders', { body }),
    account: async (currency: string) =>
      (await call('GET', '/v1/accounts')).json.find((one: { currency: string }) => one.currency === currency),
  };
}

const refusal = ({ status, json }: Answer) => [status, json.error.name];

test('a new account holds ten million won', async () => {
  const { call } = await open();

  expect((await call('GET', '/v1/accounts')).json).toEqual([
    {
      currency: 'KRW',
      balance: '10000000',
      locked: '0',
      avg_buy_price: '0',
      avg_buy_price_modified: false,
      unit_currency: 'KRW',
    },
  ]);
});

test('a limit bid waits, shows what it locks, and is cancelled', async () => {
  const { post, call, account } = await open();

  const created = await post({ ...farBid, identifier: 'bid-1', smp_type: 'cancel_maker' });
  const waiting = await account('KRW');
  const cancelled = await call('DELETE', '/v1/order', `uuid=${created.json.uuid}`);
  const after = await call('GET', '/v1/order', 'identifier=bid-1');
  const again = await call('DELETE', '/v1/order', 'identifier=bid-1');

  expect(created.status).toBe(201);
  expect(created.json).toEqual({
    uuid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    side: 'bid',
    ord_type: 'limit',
    price: '140000000',
    state: 'wait',
    market: 'KRW-BTC',
    created_at: '2025-09-01T12:22:00+09:00',
    volume: '0.0001',
    remaining_volume: '0.0001',
    executed_volume: '0',
    reserved_fee: '7',
    remaining_fee: '7',
    paid_fee: '0',
    locked: '14007',
    prevented_volume: '0',
    prevented_locked: '0',
    trades_count: 0,
    identifier: 'bid-1',
    smp_type: 'cancel_maker',
  });
  expect([waiting.balance, waiting.locked]).toEqual(['9985993', '14007']);
  expect([cancelled.status, cancelled.json.state, cancelled.json.locked]).toEqual([200, 'wait', '14007']);
  expect([after.json.state, after.json.locked, after.json.trades]).toEqual(['cancel', '14007', []]);
  expect((await account('KRW')).balance).toBe('10000000');
  expect(refusal(again)).toEqual([404, 'order_not_found']);
});

test('a market buy ends in cancel and its coins can be sold, which ends in done', async () => {
  const { post, call, account } = await open();

  const bought = await post({ market: 'KRW-BTC', side: 'bid', price: '1000000', ord_type: 'price' });
  const buy = await call('GET', '/v1/order', `uuid=${bought.json.uuid}`);
  const coins = await account('BTC');
  const sold = await post({ market: 'KRW-BTC', side: 'ask', volume: coins.balance, ord_type: 'market' });
  const sell = await call('GET', '/v1/order', `uuid=${sold.json.uuid}`);

  expect([bought.json.state, bought.json.executed_volume, bought.json.volume]).toEqual(['wait', '0', undefined]);
  expect([buy.json.state, buy.json.trades_count]).toEqual(['cancel', 1]);
  expect(buy.json.trades[0]).toMatchObject({ side: 'bid', volume: coins.balance, price: coins.avg_buy_price });
  expect([sell.json.state, sell.json.remaining_volume, sell.json.price]).toEqual(['done', '0', undefined]);
  expect(await account('BTC')).toBeUndefined();
});

test('a resting order fills as market time passes, at the market time of the trade', async () => {
  const { post, call, wall, url } = await open();
  const now = await (await fetch(`${url}/v1/candles/minutes/1?market=KRW-BTC`)).json();
  const price = String(((now as { trade_price: number }[])[0]?.trade_price as number) - 1_000);

  await post({ ...farBid, price, identifier: 'near' });
  const at = [];
  for (let minute = 0; minute < 20; minute += 1) {
    wall.pass(MINUTE);
    const { json } = await call('GET', '/v1/order', 'identifier=near');
    at.push(json.state);
    if (json.state === 'done') {
      expect(json.trades[0].price).toBe(price);
      expect(Date.parse(json.trades[0].created_at)).toBeLessThanOrEqual(
        Date.UTC(2025, 8, 1, 3, 22) + (minute + 1) * MINUTE,
      );
      break;
    }
  }

  expect(at.at(-1)).toBe('done');
});

test('fills depend on market time alone, not on how often anyone looks', async () => {
  const prices = ['150040000', '150037000', '150035000', '150026000', '140000000'];
  const run = async (looks: number) => {
    const { post, call, wall } = await open();
    for (const price of prices) await post({ ...farBid, price, identifier: price });
    for (let look = 0; look < looks; look += 1) {
      wall.pass((15 * MINUTE) / looks);
      await call('GET', '/v1/accounts');
    }
    return Promise.all(prices.map(async (id) => (await call('GET', '/v1/order', `identifier=${id}`)).json));
  };

  const often = await run(20);

  expect(often.map(({ state }) => state)).toContain('done');
  expect(often.map(({ state }) => state)).toContain('wait');
  expect(await run(1)).toEqual(often);
});

test('an identifier is burned by any refusal after the signature, and by none before', async () => {
  const { post, call, url } = await open();
  const order = { ...farBid, identifier: 'once' };

  const unsigned = await signed(url, 'POST', '/v1/orders', { body: order, hashed: 'other' });
  const refused = await post({ ...order, market: 'KRW-NONE' });
  const again = await post(order);
  const lookup = await call('GET', '/v1/order', 'identifier=once');

  expect(refusal(unsigned)).toEqual([401, 'invalid_query_payload']);
  expect(refusal(refused)).toEqual([400, 'notfoundmarket']);
  expect(refusal(again)).toEqual([400, 'duplicated_identifier']);
  expect(refusal(lookup)).toEqual([404, 'order_not_found']);
});

test('faults of an order carry the names Upbit gives them', async () => {
  const { post } = await open();

  expect(refusal(await post({ ...farBid, price: '140000500' }))).toEqual([400, 'invalid_price_bid']);
  expect(refusal(await post({ ...farBid, volume: '0.00001' }))).toEqual([400, 'under_min_total_bid']);
  expect(refusal(await post({ ...farBid, volume: '1' }))).toEqual([400, 'insufficient_funds_bid']);
  expect(refusal(await post({ ...farBid, side: 'up' }))).toEqual([400, 'invalid_parameter']);
  expect(refusal(await post({ ...farBid, time_in_force: 'gtc' }))).toEqual([400, 'invalid_time_in_force']);
});

test('a DELETE with a body is refused', async () => {
  const { url } = await open();

  const answer = await signed(url, 'DELETE', '/v1/order', { body: { uuid: 'x' } });

  expect(refusal(answer)).toEqual([400, 'QUERY_PARAMETER_NOT_SUPPORTED']);
});

test('orders are listed by state, by name, and newest first', async () => {
  const { post, call } = await open();
  for (const identifier of ['a', 'b', 'c']) await post({ ...farBid, identifier });
  await call('DELETE', '/v1/order', 'identifier=b');
  const names = async (path: string, query = '') =>
    (await call('GET', path, query)).json.map((order: { identifier: string }) => order.identifier);

  expect(await names('/v1/orders/open')).toEqual(['c', 'a']);
  expect(await names('/v1/orders/open', 'market=KRW-BTC&states%5B%5D=wait&order_by=asc&limit=1')).toEqual(['a']);
  expect(await names('/v1/orders/open', 'limit=1&page=2')).toEqual(['a']);
  expect(await names('/v1/orders/closed')).toEqual(['b']);
  expect(await names('/v1/orders/closed', 'state=done')).toEqual([]);
  expect(await names('/v1/orders/uuids', 'identifiers[]=a&identifiers[]=b&identifiers[]=none')).toEqual(['b', 'a']);
  expect(refusal(await call('GET', '/v1/orders/uuids'))).toEqual([400, 'invalid_parameter']);
});

test('chance tells fees, limits and balances', async () => {
  const { call } = await open();

  const { json } = await call('GET', '/v1/orders/chance', 'market=KRW-BTC');

  expect(json).toMatchObject({
    bid_fee: '0.0005',
    maker_ask_fee: '0.0005',
    market: { id: 'KRW-BTC', name: 'BTC/KRW', bid: { currency: 'KRW', min_total: '5000' }, max_total: '1000000000' },
    bid_account: { currency: 'KRW', balance: '10000000' },
    ask_account: { currency: 'BTC', balance: '0' },
  });
});
