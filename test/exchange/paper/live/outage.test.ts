import { expect, it, onTestFinished } from 'vitest';
import type { Order } from '../../../../exchange/matching/order.ts';
import { createMarketTape } from '../../../../exchange/paper/live/market-tape.ts';
import { openSource, type Source } from '../../../../exchange/paper/live/source.ts';
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
/** A speed that leaves time for what has to be done before the market moves, on a busy machine too. */
const SLOWLY = 20;

/** A line of trades at the end of a way, and everything it told. Somebody waits, so that every trade means something. */
async function followAll(change: (source: Source) => Source = (source) => source) {
  const upbit = await startForTest({ feed: 'simulated', replayFiles: [], markets: [BTC], speed: 300 });
  const way = await startWay(upbit.url);
  const tape = createMarketTape();
  const told: (readonly [at: number, price: bigint])[] = [];
  const tell = (): void => {
    for (let print = tape.next(); print !== undefined; print = tape.next()) {
      told.push([print.at, print.price]);
      tape.tell();
    }
  };
  const open = new Map([[BTC, new Map([['an order', {} as Order]])]]);
  const source = change(openSource(way.url, 300, STREAM_TIMING));
  const line = followTrades({
    ...{ source, tapes: new Map([[BTC, tape]]), followed: new Map(), open },
    ...{ onTrades: tell, log: () => {} },
  });
  onTestFinished(() => line.close());
  await line.firstLook(5_000);
  const lastAt = (): number => told.at(-1)?.[0] ?? 0;
  return {
    way,
    told,
    async untilNow() {
      const until = upbit.marketTime();
      await expect.poll(lastAt, { timeout: 10_000 }).toBeGreaterThan(until);
    },
    known: () => printsBetween((told[0]?.[0] ?? 0) - 1, lastAt()).map(({ at, price }) => [at, price]),
  };
}

const pause = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));

it('misses and doubles no trade while the stream breaks again and again, in order', async () => {
  const { way, told, untilNow, known } = await followAll();
  for (let cut = 0; cut < 12; cut += 1) {
    way.set(cut % 3 === 2 ? 'closed' : 'no-stream');
    await pause(60 + 40 * (cut % 4));
    way.set('open');
    await pause(150);
  }
  await untilNow();

  expect(told).toEqual(known());
  expect(told.length).toBeGreaterThan(200);
});

it('misses nothing that the stream tells while REST still answers', async () => {
  const slow = (source: Source): Source => ({
    ...source,
    quotation: {
      ...source.quotation,
      async fetchTrades(...asked) {
        const trades = await source.quotation.fetchTrades(...asked);
        await pause(400);
        return trades;
      },
    },
  });
  const { told, untilNow, known } = await followAll(slow);
  await pause(1_500);
  await untilNow();

  expect(told).toEqual(known());
  expect(told.length).toBeGreaterThan(100);
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
  const { upbit, way, exchange } = await startChain({ source: { speed: SLOWLY } });
  await buySome(exchange.url);
  const far = { side: 'bid', price: '100000000' };
  expect((await place(exchange.url, { ...far, identifier: 'before' })).status).toBe(201);
  const limit = await findLimit(upbit, 60 * SECOND, 60 * SECOND);
  const placedAt = upbit.marketTime();
  expect((await place(exchange.url, { ...limit, identifier: 'waits' })).status).toBe(201);

  way.set('closed');
  // What REST said last holds for ten seconds.
  await expect.poll(async () => (await place(exchange.url, far)).status, { timeout: 15_000, interval: 500 }).toBe(400);
  const refused = await place(exchange.url, { ...far, identifier: 'during' });
  expect([refused.status, refused.json.error.name]).toEqual([400, 'create_bid_error']);
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
  // It was a certain no, which uses the identifier up as every refusal does.
  expect((await place(exchange.url, { ...far, identifier: 'during' })).json.error.name).toBe('duplicated_identifier');
  await expect.poll(async () => (await place(exchange.url, far)).status).toBe(201);
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
  expect((await place(again.url, { side: 'bid', price: '100000000' })).status).toBe(400);
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
