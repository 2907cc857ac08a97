import { expect, test } from 'vitest';
import { type Answer, signed, standingWall, startForTest } from './paper.ts';

/** The fixture trades near 150,000,000. */
const farBid = { market: 'KRW-BTC', side: 'bid', volume: '0.0001', price: '140000000', ord_type: 'limit' };

async function open() {
  const wall = standingWall();
  const { url } = await startForTest({ wallClock: wall.now, seed: 0 });
  return {
    wall,
    get: (path: string, query = '') => signed(url, 'GET', path, { query }),
    check: (body: Record<string, unknown>) => signed(url, 'POST', '/v1/orders/test', { body }),
    post: (body: Record<string, unknown>) => signed(url, 'POST', '/v1/orders', { body }),
  };
}

const refusal = ({ status, json }: Answer) => [status, json.error.name];

test('an order that would be accepted is answered as if it were, and nothing comes of it', async () => {
  const { check, get, post } = await open();
  const before = await get('/v1/accounts');

  const tested = await check(farBid);

  expect(tested.status).toBe(201);
  expect(tested.json).toMatchObject({
    side: 'bid',
    state: 'wait',
    locked: '14007',
    reserved_fee: '7',
    trades_count: 0,
  });
  expect((await get('/v1/accounts')).json).toEqual(before.json);
  expect((await get('/v1/orders/open')).json).toEqual([]);
  expect(refusal(await get('/v1/order', `uuid=${tested.json.uuid}`))).toEqual([404, 'order_not_found']);
  // Not even the id of the next real one, by which it would be found after all.
  const real = await post(farBid);
  expect(real.json.uuid).not.toBe(tested.json.uuid);
  expect({ ...real.json, uuid: '' }).toEqual({ ...tested.json, uuid: '' });
});

test('an order that would trade at once is answered as it is accepted, before it trades', async () => {
  const { check } = await open();

  const { json } = await check({ market: 'KRW-BTC', side: 'bid', price: '10000', ord_type: 'price' });

  expect(json).toMatchObject({ state: 'wait', executed_volume: '0', locked: '10005' });
});

test('an order that would be refused is refused by the same name, as often as it is asked about', async () => {
  const { check, post, wall } = await open();
  const identifier = 'tested';

  for (const fault of [
    { price: '140000500' },
    { volume: '0.00001' },
    { volume: '1' },
    { side: 'up' },
    { market: 'KRW-NONE' },
    { time_in_force: 'gtc' },
    { side: 'ask' },
  ]) {
    const order = { ...farBid, ...fault };
    const tested = await check({ ...order, identifier });
    expect(refusal(tested)).toEqual(refusal(await post(order)));
    expect(refusal(await check({ ...order, identifier }))).toEqual(refusal(tested));
    wall.pass(1_000);
  }
  expect((await check({ ...farBid, identifier })).status).toBe(201);
  expect((await post({ ...farBid, identifier })).status).toBe(201);
  expect(refusal(await check({ ...farBid, identifier }))).toEqual([400, 'duplicated_identifier']);
});

test('eight orders a second are tested, however many are placed', async () => {
  const { check, post, wall } = await open();
  await post(farBid);

  const statuses = [];
  for (let n = 0; n < 9; n += 1) statuses.push((await check(farBid)).status);
  wall.pass(1_000);

  expect(statuses).toEqual([...Array.from({ length: 8 }, () => 201), 429]);
  expect((await check(farBid)).headers.get('remaining-req')).toBe('group=order-test; min=480; sec=7');
});
