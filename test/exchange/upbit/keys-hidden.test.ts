import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { freePort } from '../../../cli/up/ports.ts';
import { parseMarket } from '../../../config/market.ts';
import { readSettings } from '../../../config/settings.ts';
import { createUpbitClient } from '../../../exchange/upbit/client.ts';
import { failureOf } from '../../../exchange/upbit/failures.ts';
import { createKeyHider } from '../../../exchange/upbit/hide-keys.ts';
import { createUpbitQuotation } from '../../../exchange/upbit/quotation/quotation.ts';
import { openAccountStream } from '../../../exchange/upbit/stream/stream.ts';
import { createTransport } from '../../../exchange/upbit/transport.ts';
import { everythingIn, secretFinder } from '../../support/find-secrets.ts';

const KEYS = { accessKey: 'Ac+cess/5f2d8e71', secretKey: 'Se+cret/91ac64f0' };
type Client = ReturnType<typeof createUpbitClient>;
type Quotation = ReturnType<typeof createUpbitQuotation>;

const find = secretFinder(KEYS);

const market = parseMarket('KRW-BTC');
const order = { market, identifier: 'i-1', type: 'limit', side: 'bid', price: '1000', volume: '10' } as const;

/** Whatever may become of something that is printed or stored. */
function shownOf(thing: unknown): string {
  const errors: unknown[] = [];
  for (let error = thing; error instanceof Error; error = error.cause) errors.push(error.message, error.stack);
  const printed = inspect(thing, { depth: 20, showHidden: true, getters: true, maxStringLength: null });
  return [printed, JSON.stringify(thing), String(thing), everythingIn(thing), everythingIn(errors)].join('\n');
}

async function baseUrlOf(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The request said back, and more than it shows. */
const echoOf = (...[request]: Parameters<RequestListener>): string =>
  `you sent ${request.headers.authorization} with ${KEYS.accessKey}, which is ${KEYS.secretKey}`;
const envelope = (name: string, message: string) => JSON.stringify({ error: { name, message } });

const said: readonly (readonly [string, RequestListener])[] = [
  ['refuses the key', (...at) => at[1].writeHead(401).end(envelope('invalid_access_key', echoOf(...at)))],
  ['refuses the signature', (...at) => at[1].writeHead(401).end(envelope('jwt_verification', echoOf(...at)))],
  ['refuses under a name that is an echo', (...at) => at[1].writeHead(400).end(envelope(echoOf(...at), echoOf(...at)))],
  ['refuses an order', (...at) => at[1].writeHead(400).end(envelope('insufficient_funds_bid', echoOf(...at)))],
  ['is busy', (...at) => at[1].writeHead(429).end(envelope('too_many_requests', echoOf(...at)))],
  ['fails', (...at) => at[1].writeHead(500).end(envelope('internal_server_error', echoOf(...at)))],
  ['fails with a page', (...at) => at[1].writeHead(502).end(`<html>${echoOf(...at)}</html>`)],
  ['answers what nobody can read', (...at) => at[1].writeHead(200).end(echoOf(...at))],
  ['answers something of another shape', (...at) => at[1].writeHead(200).end(JSON.stringify([{ [echoOf(...at)]: 1 }]))],
  ['sends one elsewhere', (...at) => at[1].writeHead(307, { location: `/${KEYS.accessKey}` }).end()],
  ['breaks the connection', (request) => request.socket.destroy()],
  ['answers with a broken head', (...at) => at[0].socket.end(`HTTP/1.1 200 OK\r\n${echoOf(...at)}\r\n\r\n`)],
  ['answers no HTTP', (...at) => at[0].socket.end(echoOf(...at))],
  [
    'answers the same name twice',
    (...at) => {
      const name = JSON.stringify(echoOf(...at));
      at[1].writeHead(200).end(`{${name}:1,${name}:2}`);
    },
  ],
  ['breaks off in its answer', (_, response) => response.writeHead(200, { 'content-length': 99 }).write('[')],
  ['does not answer', () => undefined],
];

it.each(said)('nothing that is thrown shows a key or a signature where the exchange %s', async (_, answer) => {
  const client = createUpbitClient({ baseUrl: await baseUrlOf(answer), keys: KEYS, readTimeoutMs: 300 });
  const read = await client.fetchBalances().catch((thrown: unknown) => thrown);
  const created = await client.createOrder(order).catch((thrown: unknown) => thrown);

  expect([read, created]).toEqual([expect.any(Error), expect.any(Error)]);
  expect([find(shownOf(read)), find(shownOf(created))]).toEqual([[], []]);
});

it.each([
  ['nobody listens', async () => `http://127.0.0.1:${await freePort()}`],
  ['there is no such name', async () => 'http://exchange.invalid'],
])('nor where %s', async (_, baseUrl) => {
  const client = createUpbitClient({ baseUrl: await baseUrl(), keys: KEYS });
  const thrown = await client.createOrder(order).catch((error: unknown) => error);

  expect(thrown).toMatchObject({ name: 'NotSent' });
  expect(find(shownOf(thrown))).toEqual([]);
});

it('what the exchange says beside that is shown', async () => {
  const baseUrl = await baseUrlOf((...at) => at[1].writeHead(401).end(envelope('invalid_access_key', echoOf(...at))));
  const client = createUpbitClient({ baseUrl, keys: KEYS });
  await expect(client.fetchBalances()).rejects.toThrow(
    'the exchange says: you sent Bearer (token hidden) with (key hidden), which is (key hidden)',
  );
});

it('a key that stands in a name we know, or is as short as a word, hides nothing of it', () => {
  const hideKeys = createKeyHider({ accessKey: 'paper', secretKey: 'insufficient' });
  const answer = { status: 400, body: envelope('insufficient_funds_bid', 'insufficient paper money') };

  expect(failureOf(answer, { group: 'order', creates: true, hideKeys }, 0)).toMatchObject({
    reason: 'insufficient_funds_bid',
    message: expect.stringMatching(/the exchange says: \(key hidden\) paper money$/),
  });
});

it('nothing that the stream tells shows them where its handshake is refused', async () => {
  const told: unknown[] = [];
  const baseUrl = await baseUrlOf((...at) => at[1].writeHead(401).end(envelope('invalid_access_key', echoOf(...at))));
  const stream = openAccountStream({
    ...{ baseUrl, keys: KEYS, subscriptions: [{ type: 'myOrder' }], log: (line) => told.push(line) },
    onEvent: (event) => told.push(event),
  });
  onTestFinished(() => stream.close());

  await expect.poll(() => told.length).toBeGreaterThan(1);
  expect(told.flatMap((one) => find(shownOf(one)))).toEqual([]);
  expect(told.join()).toContain('(key hidden)');
});

it.each([
  ['INVALID_AUTH', (said: string) => envelope('INVALID_AUTH', said)],
  ['a parameter', (said: string) => envelope('INVALID_PARAM', said)],
  ['a name that is an echo', (said: string) => envelope(said, said)],
  ['a list', (said: string) => `[{"error":{"name":"WRONG_FORMAT","message":${JSON.stringify(said)}}}]`],
  ['data of a type that is an echo', (said: string) => JSON.stringify({ type: said, [said]: said })],
  ['data with an echo in it', (said: string) => JSON.stringify({ type: 'myAsset', assets: said, [said]: 1 })],
  ['no JSON', (said: string) => said],
])('nor where it is refused after that: %s', async (_, frameOf) => {
  const told: unknown[] = [];
  const server = createServer();
  const stream = new WebSocketServer({ server });
  stream.on('connection', (socket, request) => {
    const said = `you sent ${request.headers.authorization} with ${KEYS.accessKey}, which is ${KEYS.secretKey}`;
    socket.on('message', () => {
      socket.send(Buffer.from(frameOf(said)));
      socket.close(4_000, said.slice(0, 120));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const line = openAccountStream({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ keys: KEYS, subscriptions: [{ type: 'myOrder' }], log: (text) => told.push(text) },
    onEvent: (event) => told.push(event),
  });
  onTestFinished(async () => {
    await line.close();
    server.closeAllConnections();
    stream.close();
    server.close();
  });

  await expect.poll(() => told.length).toBeGreaterThan(1);
  expect(told.flatMap((one) => find(shownOf(one)))).toEqual([]);
});

it.each([
  [
    'the Date of an answer',
    { Date: 'echo' },
    '[]',
    (client: Client) => client.fetchMinuteCandles(market, { count: 1 }),
  ],
  [
    'a name in a list of flags',
    {},
    JSON.stringify([
      {
        ...{ market: 'KRW-BTC', korean_name: 'b', english_name: 'b' },
        market_event: { warning: false, caution: { [KEYS.secretKey]: KEYS.secretKey } },
      },
    ]),
    (_: Client, quotation: Quotation) => quotation.listMarkets(),
  ],
] as const)('nor what is thrown about %s', async (_, headers, body, ask) => {
  const baseUrl = await baseUrlOf((...at) => {
    const echoed = Object.keys(headers).map((name) => [name, echoOf(...at)] as const);
    at[1].writeHead(200, Object.fromEntries(echoed)).end(body);
  });
  const options = { baseUrl, keys: KEYS };
  const quotation = createUpbitQuotation(createTransport(options));
  const thrown = await ask(createUpbitClient(options), quotation).catch((error: unknown) => error);

  expect(thrown).toMatchObject({ name: 'UnexpectedResponse' });
  expect(find(shownOf(thrown))).toEqual([]);
});

it.each(['it follows_eyJhbGciOiJIUzUxMiJ9.e30.x', 'claims eyJhY2Nlc3Nfa2V5IjoiYSJ9', 'eyJhbGciOiJIUzUxMiJ9.cut off'])(
  'a part of a token is hidden as well: %s',
  (text) => {
    expect(createKeyHider()(text)).not.toContain('eyJ');
  },
);

it('neither client nor settings show them, printed or as JSON', async () => {
  const client = createUpbitClient({ baseUrl: 'http://127.0.0.1:9', keys: KEYS });
  const settings = readSettings({
    ...{ UPBIT_ACCESS_KEY: KEYS.accessKey, UPBIT_SECRET_KEY: KEYS.secretKey, TEMPORAL_API_KEY: KEYS.secretKey },
    ...{ PAPER_ACCESS_KEY: KEYS.accessKey, PAPER_SECRET_KEY: KEYS.secretKey, MARKETS: 'KRW-ETH' },
    DATABASE_URL: `postgres://user:${encodeURIComponent(KEYS.secretKey)}@127.0.0.1/durabit`,
  });

  expect(find(shownOf(client))).toEqual([]);
  for (const shown of [inspect(settings, { showHidden: true }), JSON.stringify({ settings }), `${settings}`]) {
    expect(find(shown)).toEqual([]);
  }
  expect(JSON.parse(JSON.stringify(settings))).toMatchObject({
    ...{ UPBIT_SECRET_KEY: '(hidden)', DATABASE_URL: 'postgres://***@127.0.0.1/durabit', MARKETS: ['KRW-ETH'] },
  });
  // They are there all the same.
  expect(settings.UPBIT_SECRET_KEY).toBe(KEYS.secretKey);
});
