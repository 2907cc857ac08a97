import { once } from 'node:events';
import { expect, it } from 'vitest';
import { shakeHands, TICKET, TRADE } from '../stream/sockets.ts';
import { THIN_BOOK } from '../thin-book.ts';
import { startChain } from './chain.ts';

async function listen(url: string, ...asked: unknown[]) {
  const { socket, frames } = await shakeHands(`${url.replace('http', 'ws')}/websocket/v1`);
  if (socket.readyState !== socket.OPEN) await once(socket, 'open');
  socket.send(JSON.stringify([TICKET, ...asked]));
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into messages of every shape
  return { socket, frames, heard: (): any[] => frames.map((frame) => JSON.parse(frame)) };
}

const realtime = (frames: readonly string[]) => frames.filter((frame) => frame.includes('REALTIME'));

it('tells what the source’s stream tells, word for word, in the format that is asked for', async () => {
  const { upbit, exchange } = await startChain();
  const asked = [TRADE, { ...TRADE, type: 'ticker' }, { ...TRADE, type: 'candle.1m' }];
  const theirs = await listen(upbit.url, ...asked);
  const shown = await listen(exchange.url, ...asked);
  const short = await listen(exchange.url, TRADE, { format: 'SIMPLE_LIST' });

  await expect.poll(() => realtime(shown.frames).length, { timeout: 10_000 }).toBeGreaterThan(30);
  await expect.poll(() => short.frames.length).toBeGreaterThan(3);
  const mine = realtime(shown.frames);
  await expect.poll(() => new Set(theirs.frames).has(mine.at(-1) ?? '')).toBe(true);

  const told = new Set(theirs.frames);
  expect(mine.filter((frame) => !told.has(frame))).toEqual([]);
  expect(new Set(mine).size).toBe(mine.length);
  const kinds = new Set(shown.heard().map(({ type }) => type));
  expect(kinds).toEqual(new Set(['trade', 'ticker', 'candle.1m']));
  expect(shown.heard().filter(({ stream_type }) => stream_type === 'SNAPSHOT')).toHaveLength(3);
  // Who comes later begins with the last that was told.
  const late = await listen(exchange.url, TRADE);
  await expect.poll(() => late.frames.length).toBeGreaterThan(1);
  expect(late.heard()[0].stream_type).toBe('SNAPSHOT');
  const ids = new Set(theirs.heard().map(({ sequential_id }) => sequential_id));
  expect(short.heard().every(([{ ty, sid }]) => ty === 'trade' && ids.has(sid))).toBe(true);
});

it('cuts its readers off when the source’s stream was gone, so that they know of the gap', async () => {
  const { way, exchange } = await startChain();
  const reader = await listen(exchange.url, TRADE);
  await expect.poll(() => realtime(reader.frames).length, { timeout: 10_000 }).toBeGreaterThan(0);
  const closed = once(reader.socket, 'close');

  way.set('no-stream');
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(reader.socket.readyState).toBe(reader.socket.OPEN);
  way.set('open');

  expect((await closed)[0]).toBe(1006);
});

it('tells the order book of the source with --book levels, and nothing of it while it is not known', async () => {
  const { upbit, exchange } = await startChain({ source: { book: THIN_BOOK }, live: { book: THIN_BOOK } });
  const asked = { type: 'orderbook', codes: ['KRW-BTC.5'] };
  const [theirs, shown] = [await listen(upbit.url, asked), await listen(exchange.url, asked)];

  await expect.poll(() => realtime(shown.frames).length, { timeout: 10_000 }).toBeGreaterThan(5);
  const books = (messages: { timestamp: number; orderbook_units: unknown }[]) =>
    new Map(messages.map(({ timestamp, orderbook_units }) => [timestamp, JSON.stringify(orderbook_units)]));
  await expect.poll(() => [...books(theirs.heard()).keys()].at(-1)).toBeGreaterThan(shown.heard().at(-1).timestamp);
  const known = books(theirs.heard());
  const both = [...books(shown.heard())].filter(([timestamp]) => known.has(timestamp));
  expect(both.length).toBeGreaterThan(3);
  for (const [timestamp, units] of both) expect(units).toBe(known.get(timestamp));
});
