import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { get, signed, standingWall, startForTest, tokenFor } from '../paper.ts';
import { THIN_BOOK } from '../thin-book.ts';

async function open() {
  const wall = standingWall();
  const { url } = await startForTest({ wallClock: wall.now, book: THIN_BOOK });
  const listen = async (path: string, ...parts: Record<string, unknown>[]) => {
    const authorization = `Bearer ${await tokenFor({})}`;
    const socket = new WebSocket(url.replace('http', 'ws') + path, { headers: { authorization } });
    onTestFinished(() => socket.terminate());
    // biome-ignore lint/suspicious/noExplicitAny: tests reach into messages of every shape
    const told: any[] = [];
    socket.on('message', (data) => told.push(JSON.parse(data.toString())));
    await once(socket, 'open');
    socket.send(JSON.stringify([{ ticket: 't' }, ...parts]));
    return told;
  };
  const order = (body: Record<string, unknown>) =>
    signed(url, 'POST', '/v1/orders', { body: { market: 'KRW-BTC', ...body } });
  return { wall, url, listen, order };
}

it('tells the order book as REST does, cut to the prices asked for, and again when it changed', async () => {
  const { url, wall, listen, order } = await open();
  const [rest] = (await get(`${url}/v1/orderbook?markets=KRW-BTC`)).json;
  const { market, ...book } = rest;
  const told = await listen('/websocket/v1', { type: 'orderbook', codes: ['KRW-BTC', 'KRW-BTC.5'] });
  await expect.poll(() => told.length).toBe(2);

  expect(told[0]).toEqual({ type: 'orderbook', code: market, ...book, stream_type: 'SNAPSHOT' });
  expect(told[1]).toEqual({ ...told[0], orderbook_units: book.orderbook_units.slice(0, 5) });

  await order({ side: 'bid', ord_type: 'price', price: '1000000' });
  await expect.poll(() => told.length).toBe(4);
  expect(told[2].stream_type).toBe('REALTIME');
  expect(told[2].timestamp).toBe(book.timestamp);
  expect(told[2].orderbook_units[0].ask_price).toBeGreaterThan(book.orderbook_units[0].ask_price);
  wall.pass(3_000);
  await expect.poll(() => told.length).toBe(6);
  expect(told[4].timestamp).toBe(book.timestamp + 3_000);
});

it('tells with each trade what is best after it', async () => {
  const { url, listen } = await open();
  const [trade] = await expectSome(await listen('/websocket/v1', { type: 'trade', codes: ['KRW-BTC'] }));
  const [{ orderbook_units: units }] = (await get(`${url}/v1/orderbook?markets=KRW-BTC`)).json;

  const { best_ask_price, best_ask_size, best_bid_price, best_bid_size } = trade;
  expect({
    ask_price: best_ask_price,
    bid_price: best_bid_price,
    ask_size: best_ask_size,
    bid_size: best_bid_size,
  }).toEqual(units[0]);
});

it.each([['KRW-BTC.7'], ['KRW-NONE.5']])('refuses %s', async (code) => {
  const { listen } = await open();
  const [answer] = await expectSome(await listen('/websocket/v1', { type: 'orderbook', codes: [code] }));
  expect(answer.error.name).toBe('INVALID_PARAM');
});

it('tells of an order that self-match prevention took out', async () => {
  const { url, listen, order } = await open();
  await order({ side: 'bid', ord_type: 'price', price: '1000000' });
  const [book] = (await get(`${url}/v1/orderbook?markets=KRW-BTC`)).json;
  const price = String(book.orderbook_units[0].bid_price + 1_000);
  const told = await listen('/websocket/v1/private', { type: 'myOrder' });
  await order({ side: 'bid', ord_type: 'limit', price, volume: '0.01', identifier: 'maker' });
  await expect.poll(() => told.length).toBe(1);
  await order({ side: 'ask', ord_type: 'market', volume: '0.004', identifier: 'taker' });
  await expect.poll(() => told.at(-1)?.state).toBe('done');

  const steps = told.map(({ identifier, state }) => `${identifier} ${state}`);
  expect([...new Set(steps)]).toEqual([
    'maker wait',
    'taker wait',
    'maker prevented',
    'maker cancel',
    'taker trade',
    'taker done',
  ]);
  const prevented = told.find(({ state }) => state === 'prevented');
  expect([prevented.prevented_volume, prevented.remaining_volume, prevented.locked]).toEqual([0.01, 0, 0]);
});

async function expectSome<T>(told: readonly T[]): Promise<readonly T[]> {
  await expect.poll(() => told.length).toBeGreaterThan(0);
  return told;
}
