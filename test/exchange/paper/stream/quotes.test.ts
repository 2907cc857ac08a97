import { once } from 'node:events';
import { expect, it } from 'vitest';
import { get } from '../paper.ts';
import { startStream, TRADE } from './sockets.ts';

it('sends binary frames, and only a snapshot or only what happens where that is asked for, in either spelling', async () => {
  const { connect, wall } = await startStream();
  const asked = [
    ['SNAPSHOT', { is_only_snapshot: true }],
    ['SNAPSHOT', { isOnlySnapshot: true }],
    ['REALTIME', { is_only_realtime: true }],
    ['REALTIME', { isOnlyRealtime: true }],
  ] as const;
  const both = await connect();
  const clients = await Promise.all(asked.map(async ([only, flag]) => ({ only, flag, client: await connect() })));
  for (const { client, flag } of clients) client.ask({ ...TRADE, ...flag });
  both.ask(TRADE);
  await expect.poll(() => both.frames.length).toBe(1);
  wall.pass(1_000);
  await expect.poll(() => both.frames.length).toBeGreaterThan(3);
  for (const { client, only } of clients) {
    await expect.poll(() => new Set(client.heard().map(({ stream_type }) => stream_type))).toEqual(new Set([only]));
    expect(new Set(client.binary)).toEqual(new Set([true]));
  }
});

it('puts a request in the place of the one before', async () => {
  const { connect, wall } = await startStream();
  const { ask, heard, frames } = await connect();
  ask(TRADE);
  await expect.poll(() => frames.length).toBe(1);
  ask({ ...TRADE, type: 'ticker' });
  await expect.poll(() => frames.length).toBe(2);
  wall.pass(1_000);
  await expect.poll(() => frames.length).toBeGreaterThan(2);
  expect(
    new Set(
      heard()
        .slice(1)
        .map(({ type }) => type),
    ),
  ).toEqual(new Set(['ticker']));
});

it('tells two readers of one topic the same trades, each in its format and once', async () => {
  const { connect, wall } = await startStream();
  const [long, short] = [await connect(), await connect()];
  long.ask({ ...TRADE, is_only_realtime: true });
  short.ask({ ...TRADE, is_only_realtime: true }, { format: 'SIMPLE_LIST' });
  const snapshot = await connect();
  snapshot.ask(TRADE);
  await expect.poll(() => snapshot.frames.length).toBe(1);
  for (let step = 1; step <= 5; step += 1) {
    wall.pass(1_000);
    await expect.poll(() => long.frames.length).toBeGreaterThan(step * 10);
  }
  const ids = long.heard().map(({ sequential_id }) => sequential_id);
  await expect.poll(() => short.heard().map(([{ sid }]) => sid)).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

it('cuts whoever would have to be told more than a thousand trades at once, and serves the rest', async () => {
  const { connect, wall, exchange } = await startStream();
  const client = await connect();
  client.ask(TRADE);
  await expect.poll(() => client.frames.length).toBe(1);
  // 1,200 trades.
  wall.pass(60_000);
  const [code] = await once(client.socket, 'close');
  expect(code).toBe(1006);
  expect(client.frames).toHaveLength(1);
  expect((await get(`${exchange.url}/v1/market/all`)).status).toBe(200);
  const next = await connect();
  next.ask(TRADE);
  await expect.poll(() => next.frames.length).toBe(1);
});
