import { once } from 'node:events';
import { expect, it } from 'vitest';
import { createMessageLimit } from '../../../../exchange/paper/stream/message-limit.ts';
import { get } from '../paper.ts';
import { BTC, type Client, startStream, TICKET, TRADE } from './sockets.ts';

/** The names of the refusals these texts are answered with, in order. */
async function refusals({ socket, frames, heard }: Client, texts: readonly string[]): Promise<string[]> {
  for (const text of texts) socket.send(text);
  await expect.poll(() => frames.length).toBeGreaterThanOrEqual(texts.length);
  return heard().map(({ error }) => error.name);
}

const request = (...parts: unknown[]): string => JSON.stringify([TICKET, ...parts]);

it('answers each fault of a public request by its name', async () => {
  const { connect } = await startStream();
  const faults = [
    ['WRONG_FORMAT', '{'],
    ['WRONG_FORMAT', '{}'],
    ['WRONG_FORMAT', '"PING"'],
    ['WRONG_FORMAT', 'ping'],
    ['WRONG_FORMAT', '[1]'],
    ['WRONG_FORMAT', '[[]]'],
    ['WRONG_FORMAT', request(TRADE, null)],
    ['NO_TICKET', '[]'],
    ['NO_TICKET', JSON.stringify([TRADE])],
    ['NO_TICKET', JSON.stringify([{ ticket: '' }, TRADE])],
    ['NO_TICKET', JSON.stringify([{ ticket: 7 }, TRADE])],
    ['NO_TYPE', request()],
    ['NO_TYPE', request({ format: 'SIMPLE' })],
    ['NO_TYPE', request({ codes: [BTC] })],
    ['NO_TYPE', request(TRADE, { codes: [BTC] })],
    ['WRONG_FORMAT', request(TRADE, { format: 'SIMPLE' }, { format: 'SIMPLE' })],
    ['INVALID_PARAM', request(TRADE, { format: 'XML' })],
    ['INVALID_PARAM', request({ ...TRADE, type: 7 })],
    ['INVALID_PARAM', request({ ...TRADE, type: 'trades' })],
    ['INVALID_PARAM', request({ ...TRADE, type: 'candle.7m' })],
    ['INVALID_PARAM', request({ ...TRADE, type: 'candle' })],
    ['INVALID_PARAM', request({ ...TRADE, type: 'toString' })],
    ['INVALID_PARAM', request({ ...TRADE, type: 'orderbook' })],
    ['NO_CODES', request({ type: 'trade' })],
    ['WRONG_FORMAT', request({ ...TRADE, codes: BTC })],
    ['WRONG_FORMAT', request({ ...TRADE, codes: [BTC, 1] })],
    ['INVALID_PARAM', request({ ...TRADE, codes: [] })],
    ['INVALID_PARAM', request({ ...TRADE, codes: ['krw-btc'] })],
    ['INVALID_PARAM', request({ ...TRADE, codes: [BTC, 'KRW-NONE'] })],
    ['WRONG_FORMAT', request({ ...TRADE, is_only_snapshot: 'yes' })],
    ['WRONG_FORMAT', request({ ...TRADE, isOnlyRealtime: 1 })],
    ['INVALID_PARAM', request({ ...TRADE, is_only_snapshot: true, is_only_realtime: true })],
    ['INVALID_AUTH', request({ type: 'myOrder' })],
    ['INVALID_AUTH', request({ type: 'myAsset' })],
  ] as const;
  const names = await refusals(
    await connect(),
    faults.map(([, text]) => text),
  );
  expect(names.map((name, index) => [name, faults[index]?.[1]])).toEqual(faults);
});

it('answers each fault of a private request by its name', async () => {
  const { signIn } = await startStream();
  const faults = [
    ['INVALID_PARAM', request(TRADE)],
    ['WRONG_FORMAT', request({ type: 'myAsset', codes: [BTC] })],
    ['WRONG_FORMAT', request({ type: 'myAsset', codes: [] })],
    ['INVALID_PARAM', request({ type: 'myOrder', codes: ['KRW-NONE'] })],
    ['WRONG_FORMAT', request({ type: 'myOrder', codes: 'KRW-BTC' })],
  ] as const;
  const names = await refusals(
    await signIn(),
    faults.map(([, text]) => text),
  );
  expect(names.map((name, index) => [name, faults[index]?.[1]])).toEqual(faults);
});

it('goes on telling what was asked for before a request that it refused', async () => {
  const { connect, wall } = await startStream();
  const { socket, ask, heard } = await connect();
  ask(TRADE);
  socket.send('{');
  await expect.poll(() => heard().length).toBe(2);
  wall.pass(1_000);
  await expect.poll(() => heard().filter(({ stream_type }) => stream_type === 'REALTIME').length).toBeGreaterThan(3);
});

it('allows five messages a second and a hundred a minute on a line, refused ones counted', () => {
  let now = 1_800_000_000_000;
  const allowed = createMessageLimit(1, () => now);
  const inOneSecond = (messages: number): number => {
    now += 1_000;
    return Array.from({ length: messages }, allowed).filter(Boolean).length;
  };
  expect(inOneSecond(8)).toBe(5);
  expect(Array.from({ length: 18 }, () => inOneSecond(5))).toEqual(Array(18).fill(5));
  // 98 of the minute are gone.
  expect(inOneSecond(5)).toBe(2);
  expect(inOneSecond(1)).toBe(0);
  now += 60_000;
  expect(inOneSecond(5)).toBe(5);
});

it('allows an accelerated client as many times as many', () => {
  const allowed = createMessageLimit(60, () => 1_800_000_000_000);
  expect(Array.from({ length: 400 }, allowed).filter(Boolean)).toHaveLength(300);
});

it('answers TOO_MANY_REQUEST to the sixth message of a second, PING counted, each line by itself', async () => {
  const { connect, wall } = await startStream({ speed: 1 });
  const [one, other] = [await connect(), await connect()];
  const snapshot = { ...TRADE, is_only_snapshot: true };
  const names = (client: Client) => client.heard().map(({ error, type, status }) => error?.name ?? type ?? status);
  one.socket.send('PING');
  await expect.poll(() => names(one)).toEqual(['UP']);
  for (let sent = 1; sent <= 5; sent += 1) {
    one.ask(snapshot);
    await expect.poll(() => one.frames.length).toBe(sent + 1);
  }
  expect(names(one)).toEqual(['UP', 'trade', 'trade', 'trade', 'trade', 'TOO_MANY_REQUEST']);
  other.ask(snapshot);
  await expect.poll(() => names(other)).toEqual(['trade']);
  wall.pass(1_000);
  one.ask(snapshot);
  await expect.poll(() => names(one).at(-1)).toBe('trade');
});

it('stays up whatever is sent to it', async () => {
  const { exchange, connect } = await startStream();
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
