import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../../cli/up/ports.ts';
import { parseMarket } from '../../../config/market.ts';
import { createUpbitClient } from '../../../exchange/upbit/client.ts';

const BTC = parseMarket('KRW-BTC');
const keys = { accessKey: 'key', secretKey: 'secret-that-must-not-show' };

/** A server that answers as the test says, and how often it was asked. */
async function serverThat(answer: RequestListener) {
  const asked = { times: 0 };
  const server = createServer((request, response) => {
    asked.times += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, baseUrl, client: createUpbitClient({ baseUrl, keys, readTimeoutMs: 200 }) };
}

const order = { market: BTC, identifier: 'i-1', type: 'limit', side: 'bid', price: '1000', volume: '10' } as const;

/** Every way in which an answer can fail to arrive or to make sense. */
const brokenAnswers: readonly (readonly [string, RequestListener, string, string])[] = [
  ['the connection is reset', (request) => request.socket.destroy(), 'ExchangeUnavailable', 'AmbiguousSubmission'],
  [
    'the answer breaks off in the middle',
    (request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('[{"market":');
      setTimeout(() => request.socket.destroy(), 10);
    },
    'ExchangeUnavailable',
    'AmbiguousSubmission',
  ],
  [
    'it answers 500',
    (_, response) => response.writeHead(500).end('oops'),
    'ExchangeUnavailable',
    'AmbiguousSubmission',
  ],
  [
    'the body is not JSON',
    (_, response) => response.writeHead(201).end('<html>'),
    'UnexpectedResponse',
    'AmbiguousSubmission',
  ],
  [
    'the body has another shape',
    (_, response) => response.writeHead(201).end('{"a":1}'),
    'UnexpectedResponse',
    'AmbiguousSubmission',
  ],
  ['it answers 429', (_, response) => response.writeHead(429).end(), 'RateLimited', 'RateLimited'],
];

describe.each(brokenAnswers)('when %s', (_, answer, readError, createError) => {
  it(`a read fails as ${readError} and a create as ${createError}, each asked once`, async () => {
    const { asked, baseUrl } = await serverThat(answer);
    // With the time-out of production: a short one would leave no time for a second try.
    const client = createUpbitClient({ baseUrl, keys });

    await expect(client.fetchBalances()).rejects.toMatchObject({ name: readError });
    await expect(client.createOrder(order)).rejects.toMatchObject({ name: createError });

    expect(asked.times).toBe(2);
  });
});

describe('an exchange', () => {
  it('that does not answer in time is unavailable', async () => {
    const { client } = await serverThat(() => undefined);
    await expect(client.fetchBalances()).rejects.toMatchObject({ name: 'ExchangeUnavailable' });
  });

  it('that is not there is unavailable, and the message says where and why', async () => {
    const port = await freePort();
    const client = createUpbitClient({ baseUrl: `http://127.0.0.1:${port}` });
    await expect(client.listMarkets()).rejects.toThrow(
      `GET /v1/market/all failed: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
  });

  it('without a usable clock is refused: closed candles are told by it', async () => {
    const { client } = await serverThat((_, response) => {
      response.sendDate = false;
      response.writeHead(200).end('[]');
    });
    await expect(client.fetchMinuteCandles(BTC, { count: 1 })).rejects.toThrow(/no usable Date header/);
  });

  it('is asked again only in the next second once it says that no call is left', async () => {
    const { client } = await serverThat((_, response) => {
      response.writeHead(200, { 'Remaining-Req': 'group=default; min=1800; sec=0' }).end('[]');
    });
    await client.fetchBalances();
    const asked = Date.now();
    await client.fetchBalances();
    expect(Math.floor(Date.now() / 1_000)).toBeGreaterThan(Math.floor(asked / 1_000));
  });

  it('that answered too many requests is left alone until the next second', async () => {
    let first = true;
    const { client } = await serverThat((_, response) => {
      response.writeHead(first ? 429 : 200).end('[]');
      first = false;
    });
    await expect(client.fetchBalances()).rejects.toMatchObject({ name: 'RateLimited' });
    const refusedIn = Math.floor(Date.now() / 1_000);
    await client.fetchBalances();
    expect(Math.floor(Date.now() / 1_000)).toBeGreaterThan(refusedIn);
  });

  it('never sees its secret in an error', async () => {
    const { client } = await serverThat((request) => request.socket.destroy());
    const error = await client.createOrder(order).catch((failure: unknown) => failure);
    const { inspect } = await import('node:util');
    expect(inspect(error, { depth: 12, showHidden: true })).not.toContain(keys.secretKey);
  });
});
