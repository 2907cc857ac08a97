import { expect, test, vi } from 'vitest';
import type { NewFaultRule } from '../../../support/fault-control.ts';
import { get, signed } from '../paper.ts';
import { farBid, openFaulty, socketErrorOf } from './faulty.ts';

const CREATE = 'POST /v1/orders';
const ONCE = { endpoint: CREATE, next: 1 } as const;

test('a connection reset before the effect leaves no order, one reset after it leaves the order', async () => {
  const { control, rawPost, identifiers, outcomes } = await openFaulty();

  await control.add({ id: 'before', kind: 'reset', when: 'before', ...ONCE });
  expect(await socketErrorOf(rawPost('a'))).toBe('ECONNRESET');
  expect(await identifiers()).toEqual([]);

  await control.add({ id: 'after', kind: 'reset', when: 'after', ...ONCE });
  expect(await socketErrorOf(rawPost('b'))).toBe('ECONNRESET');
  expect(await identifiers()).toEqual(['b']);

  expect((await rawPost('c')).status).toBe(201);
  expect(await outcomes()).toEqual([
    ['a', 'dropped', 'reset'],
    ['b', 'accepted', null],
    ['c', 'accepted', null],
  ]);
  expect((await control.requests()).map(({ faults }) => faults)).toEqual([['before'], ['after'], []]);
  expect([await control.struck('before'), await control.struck('after')]).toEqual([1, 1]);
});

test.each<[string, NewFaultRule, number, string]>([
  ['500', { kind: 'http-500', when: 'before', ...ONCE }, 500, 'internal_server_error'],
  ['429', { kind: 'http-429', ...ONCE }, 429, 'too_many_requests'],
  ['418, in words alone', { kind: 'http-418', block_seconds: 90, ...ONCE }, 418, 'Blocked for 90 seconds'],
  ['market_offline', { kind: 'market-offline', ...ONCE }, 403, 'market_offline'],
  ['too_many_request_order', { kind: 'too-many-request-order', ...ONCE }, 400, 'too_many_request_order'],
  ['garbage', { kind: 'garbage', when: 'before', ...ONCE }, 200, '<html>'],
])('%s instead of an effect: no order, and its identifier stays good', async (_name, rule, status, words) => {
  const { control, rawPost, post, identifiers, outcomes } = await openFaulty();
  await control.add(rule);

  const answer = await rawPost('a');

  expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(words)]);
  expect(await identifiers()).toEqual([]);
  expect(await outcomes()).toEqual([['a', 'dropped', rule.kind]]);
  expect((await post('a')).status).toBe(201);
});

test.each<[string, NewFaultRule, number, string]>([
  ['500', { kind: 'http-500', when: 'after', ...ONCE }, 500, 'internal_server_error'],
  ['garbage', { kind: 'garbage', when: 'after', ...ONCE }, 201, '<html>'],
])('%s after the effect: the order is there', async (_name, rule, status, words) => {
  const { control, rawPost, identifiers, outcomes } = await openFaulty();
  await control.add(rule);

  const answer = await rawPost('a');

  expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(words)]);
  expect(await identifiers()).toEqual(['a']);
  expect(await outcomes()).toEqual([['a', 'accepted', null]]);
});

test('garbage after a refusal comes under the status of the refusal', async () => {
  const { control, rawPost } = await openFaulty();
  await rawPost('a');
  await control.add({ kind: 'garbage', when: 'after', ...ONCE });

  const again = await rawPost('a');

  expect([again.status, again.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8']);
});

test('a truncated answer breaks off in the middle, after the effect; of a refusal too', async () => {
  const { control, rawPost, identifiers } = await openFaulty();
  await rawPost('a');
  await control.add({ kind: 'truncated', endpoint: CREATE, next: 2 });

  const created = await rawPost('b');
  const refused = await rawPost('a');

  expect([created.status, refused.status]).toEqual([201, 400]);
  await expect(created.text()).rejects.toThrow('terminated');
  await expect(refused.text()).rejects.toThrow('terminated');
  expect(await identifiers()).toEqual(['a', 'b']);
});

test('a delay before the effect holds the order back, one after it only the answer', async () => {
  const { control, rawPost, identifiers } = await openFaulty();
  await control.add({ kind: 'delay', when: 'before', delay_ms: 400, ...ONCE });

  const held = rawPost('a');
  await vi.waitFor(async () => expect(await control.requests()).toHaveLength(1));
  expect(await identifiers()).toEqual([]);
  expect((await held).status).toBe(201);
  expect(await identifiers()).toEqual(['a']);

  await control.add({ kind: 'delay', when: 'after', delay_ms: 400, ...ONCE });
  let answered = false;
  const late = rawPost('b').then(({ status }) => {
    answered = true;
    return status;
  });
  await vi.waitFor(async () => expect(await identifiers()).toEqual(['a', 'b']));
  expect(answered).toBe(false);
  expect(await late).toBe(201);
});

test('an order held back is as of the moment it takes effect, not of its arrival', async () => {
  const { control, rawPost, wall } = await openFaulty();
  await control.add({ kind: 'delay', when: 'before', delay_ms: 200, ...ONCE });

  const held = rawPost('a');
  await vi.waitFor(async () => expect(await control.requests()).toHaveLength(1));
  wall.pass(61_000);
  await held;

  expect((await control.ledger()).orders[0]?.created_at).toBe('2025-09-01T03:23:01.000Z');
});

test('an order is accepted after its connection was closed', async () => {
  const { control, rawPost, call, identifiers, outcomes } = await openFaulty();
  await control.add({ kind: 'accept-late', connection: 'closed', delay_ms: 300, next: 1 });

  expect(await socketErrorOf(rawPost('a'))).toBe('ECONNRESET');
  expect((await call('GET', '/v1/order', 'identifier=a')).status).toBe(404);
  expect(await outcomes()).toEqual([['a', null, null]]);

  await vi.waitFor(async () => expect(await identifiers()).toEqual(['a']));
  expect((await call('GET', '/v1/order', 'identifier=a')).json.state).toBe('wait');
  expect(await outcomes()).toEqual([['a', 'accepted', null]]);
});

test('an order is accepted after its client gave up waiting', async () => {
  const { control, rawPost, identifiers } = await openFaulty();
  await control.add({ kind: 'accept-late', connection: 'kept', delay_ms: 400, next: 1 });

  await expect(rawPost('a', AbortSignal.timeout(100))).rejects.toThrow('timeout');
  expect(await identifiers()).toEqual([]);

  await vi.waitFor(async () => expect(await identifiers()).toEqual(['a']));
});

test('of an order that is late and the same sent again, one is accepted', async () => {
  const { control, rawPost, post, identifiers, outcomes } = await openFaulty();
  await control.add({ kind: 'accept-late', connection: 'closed', delay_ms: 300, next: 1 });

  await socketErrorOf(rawPost('a'));
  expect((await post('a')).status).toBe(201);

  await vi.waitFor(async () =>
    expect(await outcomes()).toEqual([
      ['a', 'refused', 'duplicated_identifier'],
      ['a', 'accepted', null],
    ]),
  );
  expect(await identifiers()).toEqual(['a']);
});

test('a burned identifier is refused, then a duplicate, and no look-up finds it', async () => {
  const { control, post, call, outcomes } = await openFaulty();
  await control.add({ kind: 'burned-identifier', error: 'insufficient_funds_bid', next: 1 });

  const refused = await post('a');
  const again = await post('a');
  const found = await call('GET', '/v1/order', 'identifier=a');

  expect([refused.status, refused.json.error.name]).toEqual([400, 'insufficient_funds_bid']);
  expect([again.status, again.json.error.name]).toEqual([400, 'duplicated_identifier']);
  expect([found.status, found.json.error.name]).toEqual([404, 'order_not_found']);
  expect(await control.ledger()).toMatchObject({ orders: [], burned_identifiers: ['a'] });
  expect((await outcomes()).map(([, outcome]) => outcome)).toEqual(['refused', 'refused']);
});

test('a clock that goes wrong shows in the Date header and nowhere else', async () => {
  const { control, url, post } = await openFaulty();
  await control.add({ kind: 'clock-skew', skew_ms: -90_000, endpoint: 'GET /v1/market/all', next: 1 });
  await control.add({ kind: 'clock-skew', skew_ms: 5_000, endpoint: CREATE, next: 1 });
  const dateOf = async () => (await get(`${url}/v1/market/all`)).headers.get('date');

  expect(await dateOf()).toBe('Mon, 01 Sep 2025 03:20:30 GMT');
  expect(await dateOf()).toBe('Mon, 01 Sep 2025 03:22:00 GMT');
  const created = await post('a');
  expect(created.headers.get('date')).toBe('Mon, 01 Sep 2025 03:22:05 GMT');
  expect(created.json.created_at).toBe('2025-09-01T12:22:00+09:00');
  expect((await control.clock()).market_time).toBe('2025-09-01T03:22:00.000Z');
});

test('looks at the account lag behind it, while cancelling meets it as it is', async () => {
  const { control, call, post, wall } = await openFaulty();
  await post('old');
  wall.pass(3_000);
  await control.add({ id: 'lag', kind: 'read-lag', lag_ms: 2_000, probability: 1, seed: 1 });
  const listed = async (path: string) =>
    (await call('GET', path)).json.map(({ identifier, state }: Record<string, string>) => `${identifier} ${state}`);
  const found = async (identifier: string) => (await call('GET', '/v1/order', `identifier=${identifier}`)).status;
  const locked = async () => (await call('GET', '/v1/accounts')).json[0].locked;

  await post('new');
  await call('DELETE', '/v1/order', 'identifier=old');
  expect([await found('old'), await found('new')]).toEqual([200, 404]);
  expect(await listed('/v1/orders/open')).toEqual(['old wait']);
  expect(await listed('/v1/orders/closed')).toEqual([]);
  expect(await locked()).toBe('14007');
  expect((await call('GET', '/v1/orders/uuids', 'identifiers%5B%5D=new')).json).toEqual([]);
  expect((await call('GET', '/v1/orders/chance', 'market=KRW-BTC')).json.bid_account.locked).toBe('14007');
  expect((await call('DELETE', '/v1/order', 'identifier=new')).status).toBe(200);

  wall.pass(1_999);
  expect(await found('new')).toBe(404);
  wall.pass(1);
  expect(await found('new')).toBe(200);
  expect(await listed('/v1/orders/open')).toEqual([]);
  expect(await listed('/v1/orders/closed')).toEqual(['new cancel', 'old cancel']);
  expect(await locked()).toBe('0');

  const { orders } = await control.ledger();
  expect(orders.map(({ identifier, state }) => `${identifier} ${state}`)).toEqual(['old cancel', 'new cancel']);
});

test('a lag is of wall time: at sixty times the speed it is sixty times as long in the market', async () => {
  const { control, post, call, wall } = await openFaulty({ speed: 60 });
  await control.add({ kind: 'read-lag', lag_ms: 1_000, endpoint: 'GET /v1/order', probability: 1, seed: 1 });
  await post('a');

  wall.pass(900);
  expect((await call('GET', '/v1/order', 'identifier=a')).status).toBe(404);
  wall.pass(100);
  expect((await call('GET', '/v1/order', 'identifier=a')).status).toBe(200);
});

test('a lagging look at a resting order and at the balances is the truth of that much earlier', async () => {
  const { control, call, url, wall } = await openFaulty();
  const last = (await get(`${url}/v1/candles/minutes/1?market=KRW-BTC`)).json[0].trade_price;
  const body = { ...farBid, price: String(last - 1_000), identifier: 'near' };
  await signed(url, 'POST', '/v1/orders', { body });
  await control.add({ kind: 'read-lag', lag_ms: 30_000, probability: 1, seed: 1 });

  const truth: unknown[] = [];
  const seen: unknown[] = [];
  for (let look = 0; look < 60; look += 1) {
    wall.pass(10_000);
    const { orders, balances } = await control.ledger();
    const coins = balances.find(({ currency }) => currency === 'BTC')?.balance ?? '0';
    truth.push([orders[0]?.state, orders[0]?.executed_volume, orders[0]?.fills.length, coins]);
    if (look < 3) continue;
    const { json: order } = await call('GET', '/v1/order', 'identifier=near');
    const { json: accounts } = await call('GET', '/v1/accounts');
    seen.push([order.state, order.executed_volume, order.trades.length, accounts[1]?.balance ?? '0']);
  }

  expect(truth.at(-4)).toEqual(['done', '0.0001', 1, '0.0001']);
  expect(truth[0]).toEqual(['wait', '0', 0, '0']);
  expect(seen).toEqual(truth.slice(0, -3));
});

test('what a look lags behind is remembered for the longest lag, and forgotten later', async () => {
  const { control, post, call, wall } = await openFaulty();
  await control.add({ kind: 'read-lag', lag_ms: 40_000, endpoint: 'GET /v1/orders/open', probability: 1, seed: 1 });
  const open = async () =>
    (await call('GET', '/v1/orders/open')).json.map(({ identifier }: { identifier: string }) => identifier);

  await post('a');
  wall.pass(100_000);
  await post('b');
  wall.pass(30_000);
  await post('c');

  expect(await open()).toEqual(['a']);
  wall.pass(10_000);
  expect(await open()).toEqual(['b', 'a']);
});

test('an endpoint or a market that is not named is left alone', async () => {
  const { control, call, post, url } = await openFaulty();
  await post('a');
  await control.add({ id: 'lists', kind: 'http-500', when: 'before', endpoint: 'GET /v1/orders/open', next: 9 });
  await control.add({ id: 'btc', kind: 'market-offline', market: 'KRW-BTC', next: 9 });

  expect((await call('GET', '/v1/orders/open')).status).toBe(500);
  expect((await call('GET', '/v1/accounts')).status).toBe(200);
  expect((await get(`${url}/v1/market/all`)).status).toBe(200);
  expect((await get(`${url}/v1/candles/minutes/1?market=KRW-BTC`)).status).toBe(403);
  expect((await call('GET', '/v1/order', 'identifier=a')).status).toBe(403);
  expect((await post('b')).status).toBe(403);
});

test('chance with a seed strikes the same calls each time, about as often as it says', async () => {
  const pattern = async (seed: number) => {
    const { control, url } = await openFaulty({ speed: 60 });
    await control.add({
      id: 'r',
      kind: 'http-500',
      when: 'before',
      endpoint: 'GET /v1/market/all',
      probability: 0.3,
      seed,
    });
    const statuses: number[] = [];
    for (let call = 0; call < 100; call += 1) statuses.push((await fetch(`${url}/v1/market/all`)).status);
    expect(await control.struck('r')).toBe(statuses.filter((status) => status === 500).length);
    return statuses;
  };

  const first = await pattern(1);
  const struck = first.filter((status) => status === 500).length;

  expect(struck).toBeGreaterThan(15);
  expect(struck).toBeLessThan(45);
  expect(await pattern(1)).toEqual(first);
  expect(await pattern(2)).not.toEqual(first);
});

test('rules at different places strike one request together; of two at one place the first set has it', async () => {
  const { control, rawPost, identifiers } = await openFaulty();
  await control.add({ id: 'lost', kind: 'reset', when: 'after', ...ONCE });
  await control.add({ id: 'late', kind: 'delay', when: 'before', delay_ms: 50, ...ONCE });
  await control.add({ id: 'never', kind: 'garbage', when: 'after', ...ONCE });

  await socketErrorOf(rawPost('a'));

  expect(await identifiers()).toEqual(['a']);
  expect((await control.rules()).map(({ id, struck }) => `${id} ${struck}`)).toEqual(['lost 1', 'late 1', 'never 0']);
  expect((await control.requests())[0]?.faults).toEqual(['lost', 'late']);
});

test('what has no effect is neither late nor spoiled afterwards', async () => {
  const { control, rawPost, identifiers } = await openFaulty();
  await control.add({ id: 'spoiled', kind: 'reset', when: 'after', ...ONCE });
  await control.add({ id: 'late', kind: 'accept-late', connection: 'closed', delay_ms: 50, next: 1 });
  await control.add({ id: 'instead', kind: 'market-offline', ...ONCE });

  expect((await rawPost('a')).status).toBe(403);
  expect((await control.rules()).map(({ struck }) => struck)).toEqual([0, 0, 1]);
  expect(await socketErrorOf(rawPost('b'))).toBe('ECONNRESET');
  expect((await control.rules()).map(({ struck }) => struck)).toEqual([0, 1, 1]);
  await vi.waitFor(async () => expect(await identifiers()).toEqual(['b']));
});

test('a request that is refused before any fault is noted as well', async () => {
  const { control, url, outcomes } = await openFaulty();
  await control.add({ id: 'r', kind: 'reset', when: 'before', endpoint: CREATE, next: 1 });

  await signed(url, 'POST', '/v1/orders', { body: { ...farBid, identifier: 'forged' }, hashed: 'other' });

  expect(await outcomes()).toEqual([['forged', 'refused', 'invalid_query_payload']]);
  expect(await control.struck('r')).toBe(0);
});
