import { expect, onTestFinished, test } from 'vitest';
import { RawClient } from './fuzz/raw-client.ts';
import { signed, standingWall, startForTest } from './paper.ts';

const LINE = 'GET /v1/market/all HTTP/1.1\r\n';

async function open() {
  const { port, url } = await startForTest({ wallClock: standingWall().now });
  const client = new RawClient(port);
  onTestFinished(() => client.close());
  return { url, say: (text: string) => client.send({ method: 'GET', bytes: Buffer.from(text, 'latin1') }) };
}

test.each([
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['too long a header', `${LINE}x: ${'y'.repeat(300_000)}\r\n\r\n`, 431],
  ['a path that does not decode', 'GET /v1/%ff HTTP/1.1\r\nhost: a\r\n\r\n', 400],
  ['too long a part of a path', `GET /v1/candles/minutes/${'1'.repeat(500)} HTTP/1.1\r\nhost: a\r\n\r\n`, 414],
  ['a proxy wanted', 'CONNECT localhost:443 HTTP/1.1\r\nhost: localhost:443\r\n\r\n', 405],
])("%s is refused in Upbit's envelope, at market time", async (_what, text, status) => {
  const { say } = await open();

  const answer = await say(text);

  expect(answer?.status).toBe(status);
  expect(answer?.headers.get('durabit-exchange')).toBe('paper');
  expect(answer?.headers.get('date')).toBe('Mon, 01 Sep 2025 03:22:00 GMT');
  expect(JSON.parse(answer?.body ?? '')).toEqual({
    error: { name: 'bad_request', message: expect.stringMatching(/./) },
  });
});

test.each([
  ['without a host', `${LINE}\r\n`],
  ['with an expectation nobody knows', `${LINE}host: a\r\nexpect: the unexpected\r\n\r\n`],
])('a request %s is served', async (_what, text) => {
  const { say } = await open();

  const answer = await say(text);

  expect([answer?.status, JSON.parse(answer?.body ?? '')[0].market]).toEqual([200, 'KRW-BTC']);
});

test.each([
  ['identifier', { identifier: ['a'] }],
  ['time_in_force', { time_in_force: {} }],
])('an order whose %s has parts is refused, not taken for one without', async (field, change) => {
  const { url } = await open();
  const order = { market: 'KRW-BTC', side: 'bid', ord_type: 'limit', price: '140000000', volume: '0.0001' };

  // Signed as if the field were empty, which is what is left of it when its parts are not looked at.
  const hashed = `market=KRW-BTC&side=bid&ord_type=limit&price=140000000&volume=0.0001&${field}=`;
  const answer = await signed(url, 'POST', '/v1/orders', { body: { ...order, ...change }, hashed });

  expect([answer.status, answer.json.error]).toEqual([
    400,
    { name: 'invalid_parameter', message: `${field} must be a plain value` },
  ]);
  expect((await signed(url, 'GET', '/v1/orders/open')).json).toEqual([]);
});
