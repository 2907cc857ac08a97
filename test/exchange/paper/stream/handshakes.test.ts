import { once } from 'node:events';
import { request } from 'node:http';
import { expect, it } from 'vitest';
import { tokenFor } from '../paper.ts';
import { PRIVATE, PUBLIC, shakeHands, startStream } from './sockets.ts';

it('says on every handshake that it is paper, and what time it is in the market', async () => {
  const { address, exchange } = await startStream();
  const { status, headers } = await shakeHands(address + PUBLIC);
  expect(status).toBe(101);
  expect(headers['durabit-exchange']).toBe('paper');
  expect(headers.date).toBe(new Date(exchange.marketTime()).toUTCString());
});

it('answers the sixth handshake of a second with 429, and the first of the next with a line', async () => {
  const { address, wall } = await startStream({ speed: 1 });
  const statuses: number[] = [];
  for (let tried = 0; tried < 6; tried += 1) statuses.push((await shakeHands(address + PUBLIC)).status);
  expect(statuses).toEqual([101, 101, 101, 101, 101, 429]);
  wall.pass(1_000);
  expect((await shakeHands(address + PUBLIC)).status).toBe(101);
});

it('keeps 200 lines and no more, however many come at once, and has room again when one goes', async () => {
  const { address } = await startStream({ speed: 600 });
  const shake = async () => shakeHands(address + PRIVATE, { authorization: `Bearer ${await tokenFor({})}` });
  const lines = await Promise.all(Array.from({ length: 205 }, shake));
  const open = lines.filter(({ status }) => status === 101);
  expect(open).toHaveLength(200);
  expect(lines.filter(({ status }) => status === 503)).toHaveLength(5);
  open[0]?.socket.close();
  await expect.poll(async () => (await shake()).status).toBe(101);
});

it('lets a key in', async () => {
  const { signIn } = await startStream();
  const { socket, ask, frames } = await signIn();
  ask({ type: 'myAsset' });
  socket.ping();
  await once(socket, 'pong');
  expect(frames).toEqual([]);
});

it.each([
  ['no token', async () => undefined],
  ['what is no token', async () => 'Bearer nonsense'],
  ['the wrong secret', async () => `Bearer ${await tokenFor({ secretKey: 'another secret, long enough as well' })}`],
  ['an unknown key', async () => `Bearer ${await tokenFor({ accessKey: 'nobody' })}`],
])('answers %s with INVALID_AUTH, in a binary frame, and closes', async (_what, authorization) => {
  const { address } = await startStream();
  const token = await authorization();
  const headers: Record<string, string> = token === undefined ? {} : { authorization: token };
  const { socket, frames, binary } = await shakeHands(address + PRIVATE, headers);
  const [code] = await once(socket, 'close');
  expect(frames.map((frame) => JSON.parse(frame).error.name)).toEqual(['INVALID_AUTH']);
  expect(binary).toEqual([true]);
  expect(code).toBe(1008);
});

it('takes a nonce once', async () => {
  const { connect, address } = await startStream();
  const headers = { authorization: `Bearer ${await tokenFor({})}` };
  await connect(PRIVATE, headers);
  const { socket, frames } = await shakeHands(address + PRIVATE, headers);
  await once(socket, 'close');
  expect(frames[0]).toContain('INVALID_AUTH');
});

it('serves REST to who offers another upgrade, bodies included, or a WebSocket where there is none', async () => {
  const { exchange, address } = await startStream();
  const upgrade = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AA' };
  const statusOf = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body = '',
  ): Promise<number> => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const sent = request(`${exchange.url}${path}`, { method, headers: { ...upgrade, ...headers } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(body);
    return promise;
  };
  expect(await statusOf('GET', '/v1/market/all', {})).toBe(200);
  const order = { market: 'KRW-BTC', side: 'bid', ord_type: 'price', price: '10000' };
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    authorization: `Bearer ${await tokenFor({ body: order })}`,
  };
  expect(await statusOf('POST', '/v1/orders', headers, JSON.stringify(order))).toBe(201);
  expect((await shakeHands(`${address}/v1/market/all`)).status).toBe(200);
  expect((await shakeHands(`${address}/websocket/v2`)).status).toBe(404);
});
