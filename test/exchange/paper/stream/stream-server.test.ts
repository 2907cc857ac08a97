import { once } from 'node:events';
import { request } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { parseMarket } from '../../../../config/market.ts';
import type { PaperExchangeOptions } from '../../../../exchange/paper/server.ts';
import { get, startForTest } from '../paper.ts';

const BTC = parseMarket('KRW-BTC');

async function open(overrides: Partial<PaperExchangeOptions> = {}) {
  const exchange = await startForTest({
    feed: 'simulated',
    replayFiles: [],
    markets: [BTC],
    speed: 60,
    ...overrides,
  });
  const connect = async (path = '/websocket/v1') => {
    const socket = new WebSocket(exchange.url.replace('http', 'ws') + path);
    onTestFinished(() => socket.terminate());
    const frames: string[] = [];
    let isBinary = true;
    socket.on('message', (data, binary) => {
      frames.push(data.toString());
      isBinary &&= binary;
    });
    socket.on('error', () => {});
    await once(socket, 'open');
    return { socket, frames, isBinary: () => isBinary };
  };
  return { exchange, connect };
}

const ticket = { ticket: 't' };
const trade = { type: 'trade', codes: [BTC] };

it.each([
  ['WRONG_FORMAT', '{'],
  ['WRONG_FORMAT', '{}'],
  ['WRONG_FORMAT', '[1]'],
  ['NO_TICKET', '[]'],
  ['NO_TICKET', JSON.stringify([trade])],
  ['NO_TYPE', JSON.stringify([ticket])],
  ['NO_TYPE', JSON.stringify([ticket, { codes: [BTC] }])],
  ['NO_CODES', JSON.stringify([ticket, { type: 'trade' }])],
  ['INVALID_PARAM', JSON.stringify([ticket, { type: 'trade', codes: [] }])],
  ['INVALID_PARAM', JSON.stringify([ticket, { type: 'trade', codes: ['krw-btc'] }])],
  ['INVALID_PARAM', JSON.stringify([ticket, { type: 'candle.7m', codes: [BTC] }])],
  ['INVALID_PARAM', JSON.stringify([ticket, { type: 'orderbook', codes: [BTC] }])],
  ['INVALID_PARAM', JSON.stringify([ticket, trade, { format: 'XML' }])],
  ['INVALID_AUTH', JSON.stringify([ticket, { type: 'myOrder' }])],
])('answers %s to %s', async (name, text) => {
  const { connect } = await open();
  const { socket, frames } = await connect();
  socket.send(text);
  await expect.poll(() => frames.length).toBe(1);
  expect(JSON.parse(frames[0] ?? '').error.name).toBe(name);
});

it('sends binary frames, and only a snapshot or only what happens where that is asked for', async () => {
  const { connect } = await open();
  const snapshot = await connect();
  snapshot.socket.send(JSON.stringify([ticket, { ...trade, is_only_snapshot: true }]));
  const realtime = await connect();
  realtime.socket.send(JSON.stringify([ticket, { ...trade, is_only_realtime: true }]));
  await expect.poll(() => realtime.frames.length).toBeGreaterThan(3);

  expect(snapshot.frames.map((frame) => JSON.parse(frame).stream_type)).toEqual(['SNAPSHOT']);
  expect(new Set(realtime.frames.map((frame) => JSON.parse(frame).stream_type))).toEqual(new Set(['REALTIME']));
  expect(realtime.isBinary()).toBe(true);
});

it('drops an idle line, and says UP to one that sent PING', async () => {
  const { connect } = await open({ streamTimes: { idleMs: 300, statusEveryMs: 100 } });
  const [idle, pinging] = [await connect(), await connect()];
  pinging.socket.send('PING');
  await once(idle.socket, 'close');
  await expect.poll(() => pinging.frames.length).toBeGreaterThan(5);
  expect(new Set(pinging.frames)).toEqual(new Set(['{"status":"UP"}']));
});

it('refuses messages beyond the limit', async () => {
  const { connect } = await open({ speed: 1, wallClock: () => 1_800_000_000_000 });
  const { socket, frames } = await connect();
  for (let sent = 0; sent < 6; sent += 1) {
    socket.send(JSON.stringify([ticket, { ...trade, is_only_snapshot: true }]));
  }
  await expect.poll(() => frames.some((frame) => frame.includes('TOO_MANY_REQUEST'))).toBe(true);
});

it('goes on serving REST to who offers another upgrade', async () => {
  const { exchange } = await open();
  const { promise, resolve } = Promise.withResolvers<number>();
  const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AA' };
  request(`${exchange.url}/v1/market/all`, { headers }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  }).end();
  expect(await promise).toBe(200);
});

it('stays up whatever is sent to it', async () => {
  const { exchange, connect } = await open();
  let state = 11;
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const values = [null, 1, '', {}, [], [[]], 'trade', 'candle.', '__proto__', BTC, [BTC, 1], true, 1e21];
  const any = () => values[random(values.length)];
  for (let round = 0; round < 8; round += 1) {
    const { socket } = await connect();
    for (let sent = 0; sent < 40; sent += 1) {
      const part = { type: any(), codes: any(), is_only_snapshot: any(), format: any() };
      const text = JSON.stringify([{ ticket: any() ?? 't' }, part, any()]);
      socket.send(random(3) === 0 ? text.slice(0, random(text.length)) : text, { binary: random(2) === 0 });
    }
    socket.send('x'.repeat(100_000));
    await once(socket, 'close');
  }
  expect((await get(`${exchange.url}/v1/market/all`)).status).toBe(200);
});

it('serves others while a reader does not read', async () => {
  const { exchange, connect } = await open({ speed: 600 });
  const { socket } = await connect();
  socket.pause();
  socket.send(
    JSON.stringify([ticket, ...['trade', 'ticker', 'candle.1s', 'candle.1m'].map((type) => ({ ...trade, type }))]),
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await get(`${exchange.url}/v1/market/all`)).status).toBe(200);
});
