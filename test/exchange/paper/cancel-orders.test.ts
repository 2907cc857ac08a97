import { expect, test } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { type Answer, BTC_FILE, ETH_FILE, signed, standingWall, startForTest } from './paper.ts';

/** The fixtures trade far above these. */
const restingBid = { market: 'KRW-BTC', side: 'bid', volume: '0.0001', price: '140000000', ord_type: 'limit' };
const restingEth = { ...restingBid, market: 'KRW-ETH', volume: '0.01', price: '1000000' };

async function open() {
  const wall = standingWall();
  const { url } = await startForTest({
    ...{ wallClock: wall.now, replayFiles: [BTC_FILE, ETH_FILE] },
    markets: ['KRW-BTC', 'KRW-ETH'].map(parseMarket),
  });
  const post = async (body: Record<string, unknown>): Promise<string> => {
    const { status, json } = await signed(url, 'POST', '/v1/orders', { body });
    expect(status).toBe(201);
    return json.uuid;
  };
  const call = (method: string, path: string, query = '') => signed(url, method, path, { query });
  return {
    ...{ url, wall, post, call },
    cancelOpen: async (query = '') => {
      wall.pass(2_000);
      return call('DELETE', '/v1/orders/open', query);
    },
    open: async () => (await call('GET', '/v1/orders/open', 'order_by=asc')).json.map(nameOf),
  };
}

const nameOf = (order: { identifier: string }) => order.identifier;
const refusal = ({ status, json }: Answer) => [status, json.error.name];
const cancelled = ({ json }: Answer) => json.success.orders.map(nameOf);

test('named orders are cancelled, and those that do not wait are named as failed', async () => {
  const { post, call, open: waiting } = await open();
  const [a, b, c] = [
    await post({ ...restingBid, identifier: 'a' }),
    await post({ ...restingEth, identifier: 'b' }),
    await post(restingBid),
  ];
  await post({ ...restingBid, identifier: 'kept' });
  await call('DELETE', '/v1/order', 'identifier=b');

  const { status, json } = await call(
    'DELETE',
    '/v1/orders/uuids',
    [a, b, 'none', c, a].map((id) => `uuids[]=${id}`).join('&'),
  );

  expect(status).toBe(200);
  expect(json).toEqual({
    success: {
      count: 2,
      orders: [
        { uuid: a, market: 'KRW-BTC', identifier: 'a' },
        { uuid: c, market: 'KRW-BTC' },
      ],
    },
    failed: { count: 2, orders: [{ uuid: b, market: 'KRW-ETH', identifier: 'b' }, { uuid: 'none' }] },
  });
  expect(await waiting()).toEqual(['kept']);
  const krw = (await call('GET', '/v1/accounts')).json[0];
  expect([krw.balance, krw.locked]).toEqual(['9985993', '14007']);
});

test('orders are named by their identifiers as well, percent-encoded or not', async () => {
  const { post, call, open: waiting } = await open();
  for (const identifier of ['a', 'b', 'c']) await post({ ...restingBid, identifier });

  const { json } = await call('DELETE', '/v1/orders/uuids', 'identifiers%5B%5D=a&identifiers[]=c&identifiers[]=none');

  expect([json.success.orders.map(nameOf), json.failed.orders]).toEqual([['a', 'c'], [{ identifier: 'none' }]]);
  expect(await waiting()).toEqual(['b']);
});

test('how orders are named is checked: by one kind of name, twenty to cancel, a hundred to read', async () => {
  const { call } = await open();
  const ids = (count: number) => Array.from({ length: count }, (_, n) => `uuids[]=${n}`).join('&');
  const status = async (method: string, query: string) => (await call(method, '/v1/orders/uuids', query)).status;

  for (const method of ['GET', 'DELETE']) {
    for (const query of ['', 'uuids=a', 'uuids[]=a&identifiers[]=b']) {
      expect(refusal(await call(method, '/v1/orders/uuids', query))).toEqual([400, 'invalid_parameter']);
    }
  }
  expect([await status('DELETE', ids(20)), await status('DELETE', ids(21))]).toEqual([200, 400]);
  expect([await status('GET', ids(100)), await status('GET', ids(101))]).toEqual([200, 400]);
});

test('open orders are cancelled by side, market and number, the newest first', async () => {
  const scene = await open();
  const { post, cancelOpen, open: waiting } = scene;
  await post({ market: 'KRW-ETH', side: 'bid', price: '100000', ord_type: 'price' });
  const place = async () => {
    for (const identifier of [1, 2, 3])
      await post({ ...restingBid, identifier: `btc-${identifier}-${scene.wall.now()}` });
    await post({ ...restingEth, identifier: `eth-${scene.wall.now()}` });
    await post({
      ...restingEth,
      side: 'ask',
      price: '90000000',
      volume: '0.001',
      identifier: `ask-${scene.wall.now()}`,
    });
  };
  const kinds = (names: readonly string[]) => names.map((name) => name.replace(/-\d{5,}$/, ''));
  await place();
  expect(kinds(await waiting())).toEqual(['btc-1', 'btc-2', 'btc-3', 'eth', 'ask']);

  for (const [query, ended] of [
    ['count=2', ['ask', 'eth']],
    ['count=2&order_by=asc', ['btc-1', 'btc-2']],
    ['cancel_side=ask', ['ask']],
    ['cancel_side=bid&order_by=asc', ['btc-1', 'btc-2', 'btc-3', 'eth']],
    ['pairs=KRW-ETH', ['ask', 'eth']],
    ['pairs=KRW-ETH%2CKRW-NONE&cancel_side=bid', ['eth']],
    ['quote_currencies=KRW&excluded_pairs=KRW-ETH', ['btc-3', 'btc-2', 'btc-1']],
    ['quote_currencies=BTC,USDT', []],
    // What is to be kept is kept, whatever else is said.
    ['pairs=KRW-ETH,KRW-BTC&excluded_pairs=KRW-BTC', ['ask', 'eth']],
    ['cancel_side=all', ['ask', 'eth', 'btc-3', 'btc-2', 'btc-1']],
  ] as const) {
    const before = await waiting();
    const answer = await cancelOpen(query);
    expect([query, kinds(cancelled(answer))]).toEqual([query, ended]);
    expect([answer.json.success.count, answer.json.failed]).toEqual([ended.length, { count: 0, orders: [] }]);
    expect(await waiting()).toEqual(before.filter((name: string) => !cancelled(answer).includes(name)));
    await cancelOpen();
    await place();
  }
});

test('twenty open orders are cancelled unless another number is given, three hundred at most', async () => {
  const { post, cancelOpen, wall } = await open();
  for (let n = 0; n < 24; n += 1) {
    if (n % 12 === 0) wall.pass(1_000);
    await post({ ...restingBid, identifier: `n-${n}` });
  }

  const first = await cancelOpen();
  const rest = await cancelOpen('count=1000');

  expect([first.json.success.count, rest.json.success.count]).toEqual([20, 4]);
  expect(cancelled(rest)).toEqual(['n-3', 'n-2', 'n-1', 'n-0']);
});

test.each([
  'cancel_side=both',
  'order_by=newest',
  'count=0',
  'pairs=KRW-BTC&quote_currencies=KRW',
  'pairs=',
  'excluded_pairs=',
  `pairs=${Array.from({ length: 21 }, (_, n) => `KRW-${n}`).join(',')}`,
  `excluded_pairs=${Array.from({ length: 21 }, (_, n) => `KRW-${n}`).join(',')}`,
])('nothing is cancelled by a request with %s', async (query) => {
  const { post, cancelOpen, open: waiting } = await open();
  await post({ ...restingBid, identifier: 'a' });

  expect(refusal(await cancelOpen(query))).toEqual([400, 'invalid_parameter']);
  expect(await waiting()).toEqual(['a']);
});

test('open orders are cancelled once in two seconds', async () => {
  const { call, wall } = await open();
  wall.pass(2_000 - (wall.now() % 2_000));

  const first = await call('DELETE', '/v1/orders/open');
  const second = await call('DELETE', '/v1/orders/open');
  wall.pass(1_000);
  const third = await call('DELETE', '/v1/orders/open');
  wall.pass(1_000);
  const fourth = await call('DELETE', '/v1/orders/open');

  expect([first, second, third, fourth].map(({ status }) => status)).toEqual([200, 429, 429, 200]);
  expect(first.headers.get('remaining-req')).toBe('group=order-cancel-all; min=30; sec=0');
});

test.each(['/v1/orders/uuids', '/v1/orders/open'])('DELETE %s with a body is refused', async (path) => {
  const { url } = await open();

  const answer = await signed(url, 'DELETE', path, { body: { 'uuids[]': 'x' } });

  expect(refusal(answer)).toEqual([400, 'QUERY_PARAMETER_NOT_SUPPORTED']);
});
