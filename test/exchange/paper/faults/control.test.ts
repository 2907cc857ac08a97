import { request } from 'node:http';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../../cli/up/ports.ts';
import { Exact } from '../../../../exchange/matching/exact.ts';
import { startPaperExchange } from '../../../../exchange/paper/server.ts';
import { FaultControl, type NewFaultRule } from '../../../support/fault-control.ts';
import { get, paperOptions, signed, startForTest, temporaryFolder } from '../paper.ts';
import { THIN_BOOK } from '../thin-book.ts';
import { openFaulty } from './faulty.ts';

/** With headers that fetch would not let through. */
function statusWith(url: string, headers: Record<string, string>, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on('error', reject).end();
  });
}

test('there is no control port unless it is asked for', async () => {
  const stateDir = temporaryFolder();
  const { controlUrl, url } = await startForTest({ stateDir });

  expect(controlUrl).toBeUndefined();
  for (const path of ['/faults', '/ledger', '/requests', '/clock']) {
    expect((await get(`${url}${path}`)).status).toBe(404);
  }
});

test('the control port is on loopback, and refuses web pages and names that only point there', async () => {
  const { controlUrl } = await openFaulty();
  const { host, hostname, port } = new URL(controlUrl);

  expect(hostname).toBe('127.0.0.1');
  expect(await statusWith(`${controlUrl}/clock`, { host })).toBe(200);
  expect(await statusWith(`${controlUrl}/clock`, { host: `localhost:${port}` })).toBe(200);
  expect(await statusWith(`${controlUrl}/clock`, { host: 'evil.example' })).toBe(403);
  expect(await statusWith(`${controlUrl}/clock`, { host: `evil.example:${port}` })).toBe(403);
  expect(await statusWith(`${controlUrl}/clock`, { host: '127.0.0.1:1' })).toBe(403);
  expect(await statusWith(`${controlUrl}/faults`, { host, origin: `http://${host}` }, 'DELETE')).toBe(403);
  expect(await statusWith(`${controlUrl}/ledger`, { host, 'sec-fetch-site': 'cross-site' })).toBe(403);
});

test.each<[string, unknown, string]>([
  ['an unknown kind', { kind: 'earthquake', next: 1 }, 'Invalid'],
  ['a word too many', { kind: 'http-429', next: 1, delay: 3 }, 'delay'],
  ['neither chance nor number', { kind: 'http-429' }, 'give one of probability (with seed), next'],
  ['both', { kind: 'http-429', next: 1, probability: 0.1, seed: 1 }, 'give one of probability'],
  ['chance without a seed', { kind: 'http-429', probability: 0.1 }, 'probability and seed go together'],
  ['an endpoint that is none', { kind: 'http-429', next: 1, endpoint: 'GET /v1/orderbook' }, 'POST /v1/orders'],
  ['a lag of what is no look', { kind: 'read-lag', lag_ms: 5, next: 1, endpoint: 'POST /v1/orders' }, 'endpoint'],
  [
    'a late acceptance of a look',
    { kind: 'accept-late', delay_ms: 5, connection: 'kept', next: 1, endpoint: '*' },
    'endpoint',
  ],
  ['a market that is not there', { kind: 'idle', next: 1, market: 'KRW-ETH' }, 'market KRW-ETH does not exist here'],
  ['no JSON object', 'reset', 'expected object'],
])('a rule with %s is refused and says why', async (_name, rule, words) => {
  const { control } = await openFaulty();

  await expect(control.add(rule as NewFaultRule)).rejects.toThrow(/answered 400/);
  await expect(control.add(rule as NewFaultRule)).rejects.toThrow(words);
  expect(await control.rules()).toEqual([]);
});

test('rules are named, listed with what they struck, and taken back', async () => {
  const { control, url } = await openFaulty();
  const all = `${url}/v1/market/all`;

  expect(await control.add({ kind: 'http-429', next: 2 })).toEqual({
    kind: 'http-429',
    endpoint: '*',
    next: 2,
    id: 'rule-1',
    struck: 0,
  });
  await control.add({ id: 'mine', kind: 'http-418', next: 5 });
  await expect(control.add({ id: 'mine', kind: 'http-429', next: 5 })).rejects.toThrow('there is a rule mine');
  expect([(await get(all)).status, (await get(all)).status]).toEqual([429, 429]);
  expect((await fetch(all)).status).toBe(418);
  expect((await control.rules()).map(({ id, struck }) => [id, struck])).toEqual([
    ['rule-1', 2],
    ['mine', 1],
  ]);

  await control.remove('mine');
  expect((await get(all)).status).toBe(200);
  await expect(control.remove('mine')).rejects.toThrow('there is no rule mine');
});

test('the true ledger and the requests are given in pages', async () => {
  const { control, controlUrl, post, call } = await openFaulty();
  for (const identifier of ['a', 'b', 'c']) await post(identifier);
  await call('DELETE', '/v1/order', 'identifier=a');
  const page = async (path: string) => (await get(`${controlUrl}${path}`)).json;

  const first = await page('/ledger?limit=2');
  const second = await page(`/ledger?since=${first.next}&limit=2`);

  expect(first.orders.map((order: { identifier: string }) => order.identifier)).toEqual(['a', 'b']);
  expect([first.next, first.oldest_open]).toEqual([2, 2]);
  expect(second.orders.map((order: { identifier: string }) => order.identifier)).toEqual(['c']);
  expect(second.next).toBeNull();
  expect((await page('/requests?since=1&limit=1'))[0]).toMatchObject({
    number: 2,
    identifier: 'b',
    market: 'KRW-BTC',
    outcome: 'accepted',
    uuid: first.orders[1].uuid,
    market_time: '2025-09-01T03:22:00.000Z',
    received_at: '2027-01-15T08:00:00.000Z',
    settled_at: '2027-01-15T08:00:00.000Z',
  });
  expect((await get(`${controlUrl}/ledger?limit=0`)).status).toBe(400);

  const { orders, balances, burned_identifiers: burned } = await control.ledger();
  expect(orders).toEqual([...first.orders, ...second.orders]);
  expect(balances).toEqual([{ currency: 'KRW', balance: '9971986', locked: '28014' }]);
  expect(burned).toEqual([]);
  expect(orders[0]).toEqual({
    sequence: 1,
    uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    identifier: 'a',
    market: 'KRW-BTC',
    side: 'bid',
    ord_type: 'limit',
    price: '140000000',
    volume: '0.0001',
    time_in_force: null,
    state: 'cancel',
    created_at: '2025-09-01T03:22:00.000Z',
    executed_volume: '0',
    executed_funds: '0',
    paid_fee: '0',
    prevented_volume: '0',
    prevented_locked: '0',
    fills: [],
  });
});

test('the true ledger says what self-match prevention took off, so that every order there can be summed up', async () => {
  const { control, url } = await openFaulty({ book: THIN_BOOK });
  const send = (body: Record<string, unknown>) =>
    signed(url, 'POST', '/v1/orders', { body: { market: 'KRW-BTC', ...body } });
  await send({ identifier: 'coins', side: 'bid', ord_type: 'price', price: '1000000' });
  const [book] = (await get(`${url}/v1/orderbook?markets=KRW-BTC`)).json;
  const price = String(book.orderbook_units[0].bid_price + 1_000);
  await send({ identifier: 'maker', side: 'bid', ord_type: 'limit', price, volume: '0.01' });
  await send({ identifier: 'reduced', side: 'ask', ord_type: 'market', volume: '0.004', smp_type: 'reduce' });

  const orders = new Map((await control.ledger()).orders.map((order) => [order.identifier, order]));

  const freed = new Exact(price).times('0.004').times('1.0005').toFixed();
  expect(orders.get('maker')).toMatchObject({ state: 'wait', prevented_volume: '0.004', prevented_locked: freed });
  expect(orders.get('reduced')).toMatchObject({ prevented_volume: '0.004', prevented_locked: '0.004', fills: [] });
  expect(orders.get('coins')).toMatchObject({ prevented_volume: '0', prevented_locked: '0' });
});

test('the true ledger is up to the moment, whether or not the account was looked at', async () => {
  const { control, url, wall } = await openFaulty();
  const last = (await get(`${url}/v1/candles/minutes/1?market=KRW-BTC`)).json[0].trade_price;
  await signed(url, 'POST', '/v1/orders', {
    body: { market: 'KRW-BTC', side: 'bid', ord_type: 'limit', volume: '0.0001', price: String(last - 1_000) },
  });

  wall.pass(20 * 60_000);

  expect((await control.ledger()).orders[0]?.fills).toHaveLength(1);
  expect(await control.clock()).toEqual({
    market_time: '2025-09-01T03:42:00.000Z',
    wall_time: '2027-01-15T08:20:00.000Z',
    speed: 1,
  });
});

test('a control port in use is named, and the exchange does not stay behind', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    blocker.close();
  });
  const { port } = blocker.address() as { port: number };
  const stateDir = temporaryFolder();
  const ownPort = await freePort();

  await expect(startPaperExchange(paperOptions({ stateDir, port: ownPort, controlPort: port }))).rejects.toThrow(
    `control port ${port} on 127.0.0.1 is in use; choose another with --control-port`,
  );
  const again = await startForTest({ stateDir, port: ownPort, controlPort: 0 });
  expect((await new FaultControl(again.controlUrl ?? '').clock()).speed).toBe(1);
});
