import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
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
  [
    'what it sends is not HTTP',
    (request) => request.socket.end('HELLO\r\n\r\n'),
    'ExchangeUnavailable',
    'AmbiguousSubmission',
  ],
  [
    'the connection ends without an answer',
    (request) => request.socket.end(),
    'ExchangeUnavailable',
    'AmbiguousSubmission',
  ],
  [
    'the body is said to be packed and is not',
    (_, response) => response.writeHead(201, { 'content-encoding': 'gzip' }).end('[]'),
    'ExchangeUnavailable',
    'AmbiguousSubmission',
  ],
  [
    'the packed body lacks its end',
    (_, response) => response.writeHead(201, { 'content-encoding': 'gzip' }).end(gzipSync('[]').subarray(0, 10)),
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

/** Every way in which an answer can come too late, from its beginning to its end. */
const lateAnswers: readonly (readonly [string, RequestListener])[] = [
  ['nothing comes', () => undefined],
  ['the head comes late', (_, response) => void setTimeout(() => response.writeHead(200).end('[]'), 10_000).unref()],
  ['the body stops after its beginning', (_, response) => void response.writeHead(200).write('[')],
  [
    'the body drips',
    (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    },
  ],
];

describe.each(lateAnswers)('when %s', (_, answer) => {
  it('a read is given up at its deadline', async () => {
    const { client } = await serverThat(answer);
    const began = performance.now();

    await expect(client.fetchBalances()).rejects.toMatchObject({
      name: 'ExchangeUnavailable',
      message: 'GET /v1/accounts failed: no whole answer within 200 ms',
    });

    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('an order counts as unknown after three seconds', async () => {
    const { asked, client } = await serverThat(answer);
    const began = performance.now();

    await expect(client.createOrder(order)).rejects.toMatchObject({ name: 'AmbiguousSubmission' });

    expect(performance.now() - began).toBeGreaterThan(2_900);
    expect(performance.now() - began).toBeLessThan(6_000);
    expect(asked.times).toBe(1);
  });
});

describe('what the exchange answers', () => {
  const account = {
    ...{ currency: 'BTC', balance: '0', locked: '0', avg_buy_price: '0' },
    ...{ avg_buy_price_modified: false, unit_currency: 'KRW' },
  };
  const answering = async (json: string, packed = false) => {
    const { baseUrl } = await serverThat((_, response) => {
      if (packed) response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(json));
      else response.writeHead(200).end(json);
    });
    // Not about time: a busy machine may take its own.
    return { client: createUpbitClient({ baseUrl, keys, readTimeoutMs: 20_000 }) };
  };

  it('keeps every digit, as text or as a number: twenty decimals, and whole numbers over 2^53', async () => {
    const json = JSON.stringify([{ ...account, locked: '#', avg_buy_price: '##' }])
      .replace('"#"', '0.12345678901234567891')
      .replace('"##"', '17103275719220001')
      .replace('"balance":"0"', '"balance":"1234567.98765432109876543219"');
    const { client } = await answering(json);

    expect(await client.fetchBalances()).toEqual([
      {
        ...{ currency: 'BTC', free: '1234567.98765432109876543219', locked: '0.12345678901234567891' },
        averageBuyPrice: '17103275719220001',
      },
    ]);
  });

  it('is read packed as well', async () => {
    const { client } = await answering(JSON.stringify([account]), true);
    expect(await client.fetchBalances()).toHaveLength(1);
  });

  it('may hold keys that nobody knows yet', async () => {
    const { client } = await answering(JSON.stringify([{ ...account, pocket: { id: 1 }, new_field: null }]));
    expect(await client.fetchBalances()).toMatchObject([{ currency: 'BTC', free: '0' }]);
  });

  it.each([
    ['a key is missing', { ...account, locked: undefined }],
    ['a key is null', { ...account, balance: null }],
    ['a number is a word', { ...account, balance: 'all' }],
    ['a number is a truth', { ...account, balance: true }],
    ['a number is infinite', { ...account, balance: 'Infinity' }],
    ['a text is a list', { ...account, currency: ['BTC'] }],
    ['an object is a text', 'BTC'],
  ])('is refused when %s, by the name of the place', async (_, wrong) => {
    const { client } = await answering(JSON.stringify([account, wrong]));
    await expect(client.fetchBalances()).rejects.toMatchObject({
      name: 'UnexpectedResponse',
      message: expect.stringMatching(/unexpected shape: 1/),
    });
  });
});

describe('an exchange', () => {
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

  it('is asked again only a second later once it says that no call is left', async () => {
    const { client } = await serverThat((_, response) => {
      response.writeHead(200, { 'Remaining-Req': 'group=default; min=1800; sec=0' }).end('[]');
    });
    await client.fetchBalances();
    const answered = performance.now();
    await client.fetchBalances();
    expect(performance.now() - answered).toBeGreaterThan(990);
  });

  it('that answered too many requests is left alone for a second', async () => {
    let first = true;
    const { client } = await serverThat((_, response) => {
      response.writeHead(first ? 429 : 200).end('[]');
      first = false;
    });
    await expect(client.fetchBalances()).rejects.toMatchObject({ name: 'RateLimited' });
    const refused = performance.now();
    await client.fetchBalances();
    expect(performance.now() - refused).toBeGreaterThan(990);
  });

  it('never sees its secret in an error', async () => {
    const { client } = await serverThat((request) => request.socket.destroy());
    const error = await client.createOrder(order).catch((failure: unknown) => failure);
    const { inspect } = await import('node:util');
    expect(inspect(error, { depth: 12, showHidden: true })).not.toContain(keys.secretKey);
  });
});
