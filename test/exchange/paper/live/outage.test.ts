import { expect, it, onTestFinished } from 'vitest';
import type { Order } from '../../../../exchange/matching/order.ts';
import { createMarketTape } from '../../../../exchange/paper/live/market-tape.ts';
import { openSource } from '../../../../exchange/paper/live/source.ts';
import { followTrades } from '../../../../exchange/paper/live/trade-line.ts';
import { get, signed, startForTest, temporaryFolder } from '../paper.ts';
import {
  BTC,
  buySome,
  findLimit,
  firstReaching,
  orderOf,
  place,
  printsBetween,
  STREAM_TIMING,
  startChain,
  startWay,
} from './chain.ts';

const SECOND = 1_000;

it('misses and doubles no trade while the stream breaks again and again, in order', async () => {
  const upbit = await startForTest({ feed: 'simulated', replayFiles: [], markets: [BTC], speed: 300 });
  const way = await startWay(upbit.url);
  const tape = createMarketTape();
  const told: { readonly at: number; readonly price: bigint }[] = [];
  const tell = (): void => {
    for (let print = tape.next(); print !== undefined; print = tape.next()) {
      told.push(print);
      tape.tell();
    }
  };
  // Somebody waits, so that every trade means something.
  const open = new Map([[BTC, new Map([['an order', {} as Order]])]]);
  const line = followTrades({
    ...{ source: openSource(way.url, 300, STREAM_TIMING), tapes: new Map([[BTC, tape]]), followed: new Map(), open },
    ...{ onTrades: tell, log: () => {} },
  });
  onTestFinished(() => line.close());
  await line.firstLook(5_000);

  for (let cut = 0; cut < 12; cut += 1) {
    way.set(cut % 3 === 2 ? 'closed' : 'no-stream');
    await new Promise((resolve) => setTimeout(resolve, 60 + 40 * (cut % 4)));
    way.set('open');
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  const until = upbit.marketTime();
  await expect.poll(() => told.at(-1)?.at ?? 0, { timeout: 10_000 }).toBeGreaterThan(until);

  const [first, last] = [told[0]?.at ?? 0, told.at(-1)?.at ?? 0];
  expect(told.map(({ at, price }) => [at, price])).toEqual(
    printsBetween(first - 1, last).map(({ at, price }) => [at, price]),
  );
  expect(told.length).toBeGreaterThan(200);
});

it('fills by REST while there is no stream, and by the trade that came first', async () => {
  const { upbit, way, exchange, log } = await startChain();
  await buySome(exchange.url);
  const limit = await findLimit(upbit, 60 * SECOND, 60 * SECOND);
  await place(exchange.url, { ...limit, identifier: 'waits' });
  way.set('no-stream');

  await expect.poll(async () => (await orderOf(exchange.url, 'waits')).state, { timeout: 10_000 }).toBe('done');

  const { created_at: createdAt, trades } = await orderOf(exchange.url, 'waits');
  const reaching = firstReaching(limit, Date.parse(createdAt) + SECOND - 1);
  expect(Date.parse(trades[0].created_at)).toBe(Math.floor((reaching?.at ?? 0) / SECOND) * SECOND);
  expect(log.some((entry) => entry.includes('stream /websocket/v1: '))).toBe(true);
});

it('knows no price while the source is away: takes and cancels nothing, shows the account, and comes back by itself', async () => {
  const { upbit, way, exchange } = await startChain();
  await buySome(exchange.url);
  const far = { side: 'bid', price: '100000000' };
  expect((await place(exchange.url, { ...far, identifier: 'before' })).status).toBe(201);
  const limit = await findLimit(upbit, 30 * SECOND, 60 * SECOND);
  const placedAt = upbit.marketTime();
  expect((await place(exchange.url, { ...limit, identifier: 'waits' })).status).toBe(201);

  way.set('closed');
  // What REST said last holds for ten seconds.
  await expect.poll(async () => (await place(exchange.url, far)).status, { timeout: 15_000, interval: 500 }).toBe(500);
  const refused = await place(exchange.url, { ...far, identifier: 'during' });
  expect([refused.status, refused.json.error.name]).toEqual([500, 'internal_server_error']);
  const cancelled = await signed(exchange.url, 'DELETE', '/v1/order', { query: 'identifier=before' });
  expect(cancelled.status).toBe(500);
  expect((await signed(exchange.url, 'DELETE', '/v1/orders/open')).status).toBe(500);
  expect((await orderOf(exchange.url, 'before')).state).toBe('wait');
  expect((await signed(exchange.url, 'GET', '/v1/accounts')).status).toBe(200);
  expect((await signed(exchange.url, 'GET', '/v1/order', { query: 'identifier=during' })).status).toBe(404);
  const candles = await get(`${exchange.url}/v1/candles/minutes/1?market=KRW-BTC`);
  expect([candles.status, candles.json.error.name]).toEqual([500, 500]);
  expect((await get(`${exchange.url}/v1/market/all`)).json).toHaveLength(1);
  // It has been reached meanwhile, which nobody here can know.
  expect(firstReaching(limit, placedAt)?.at).toBeLessThan(upbit.marketTime());
  expect((await orderOf(exchange.url, 'waits')).state).toBe('wait');

  way.set('open');
  await expect.poll(async () => (await orderOf(exchange.url, 'waits')).state, { timeout: 10_000 }).toBe('done');
  const { created_at: createdAt, trades } = await orderOf(exchange.url, 'waits');
  const reaching = firstReaching(limit, Date.parse(createdAt) + SECOND - 1);
  expect(Date.parse(trades[0].created_at)).toBe(Math.floor((reaching?.at ?? 0) / SECOND) * SECOND);
  // Its identifier was not used up.
  await expect.poll(async () => (await place(exchange.url, { ...far, identifier: 'during' })).status).toBe(201);
  expect((await signed(exchange.url, 'DELETE', '/v1/order', { query: 'identifier=before' })).status).toBe(200);
}, 60_000);

it('begins without the source where it was begun before, and not at all where it was not', async () => {
  const stateDir = temporaryFolder();
  const { way, options, exchange, log } = await startChain({ live: { stateDir } });
  expect((await place(exchange.url, { side: 'bid', price: '100000000', identifier: 'kept' })).status).toBe(201);
  await exchange.close();
  way.set('closed');

  const again = await startForTest({ ...options, stateDir });
  expect(log.some((line) => line.includes('no price is known and no order is taken'))).toBe(true);
  expect((await orderOf(again.url, 'kept')).state).toBe('wait');
  expect((await get(`${again.url}/v1/market/all`)).json).toHaveLength(1);
  expect((await place(again.url, { side: 'bid', price: '100000000' })).status).toBe(500);
  way.set('open');
  await expect
    .poll(async () => (await place(again.url, { side: 'bid', price: '100000000' })).status, { timeout: 10_000 })
    .toBe(201);

  await expect(startForTest({ ...options, source: 'http://127.0.0.1:1', stateDir: temporaryFolder() })).rejects.toThrow(
    /http:\/\/127\.0\.0\.1:1, where prices come from, does not answer/,
  );
  await again.close();
  await expect(startForTest({ ...options, source: 'http://127.0.0.1:1', stateDir })).rejects.toThrow(
    /was begun with source http:.*, not source http:\/\/127\.0\.0\.1:1/,
  );
}, 30_000);
