import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { decodeJwt } from 'jose';
import { expect, it, onTestFinished } from 'vitest';
import { openAccountStream, openQuoteStream } from '../../../../exchange/upbit/stream/stream.ts';
import { recorder, TRADES } from './scripted-lines.ts';

const KEYS = { accessKey: 'the-access-key', secretKey: 'a secret that is long enough for anybody' };

/** A server that answers every handshake as the test wants. */
async function answering(answer: (socket: Duplex) => void) {
  const requests: IncomingMessage[] = [];
  const server = createServer();
  const sockets = new Set<Duplex>();
  server.on('upgrade', (request, socket) => {
    requests.push(request);
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** What a stream tells when its handshakes are answered so. */
async function told(
  answer: (socket: Duplex) => void,
  more: { readonly handshakeMs?: number; readonly now?: number } = {},
) {
  const { url, requests } = await answering(answer);
  const heard = recorder();
  const lines: string[] = [];
  const stream = openAccountStream({
    baseUrl: url,
    keys: KEYS,
    subscriptions: [{ type: 'myOrder' }],
    onEvent: heard.onEvent,
    timing: { firstRetryMs: 20, longestRetryMs: 20, handshakeMs: more.handshakeMs ?? 10_000 },
    now: () => more.now ?? 1_800_000_000_250,
    random: () => 0,
    log: (line) => void lines.push(line),
    connectPace: () => 0,
  });
  onTestFinished(() => stream.close());
  await expect.poll(() => heard.of('disconnected').length, { interval: 5 }).toBeGreaterThan(0);
  return { ...heard, requests, lines };
}

function refuse(status: string, body = ''): (socket: Duplex) => void {
  return (socket) =>
    socket.end(`HTTP/1.1 ${status}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`);
}

const envelope = (name: string): string => JSON.stringify({ error: { name, message: 'why' } });

it.each([
  ['401 with a name', refuse('401 Unauthorized', envelope('no_authorization_ip')), 'AuthenticationFailed'],
  ['401 without a body', refuse('401 Unauthorized'), 'AuthenticationFailed'],
  ['401 with a page', refuse('401 Unauthorized', '<html>no</html>'), 'AuthenticationFailed'],
  ['403 with a name', refuse('403 Forbidden', envelope('out_of_scope')), 'AuthenticationFailed'],
  ['418', refuse('418 I am a teapot', '<html>blocked</html>'), 'Banned'],
  ['429', refuse('429 Too Many Requests', 'no JSON'), 'RateLimited'],
  ['503', refuse('503 Service Unavailable'), 'ExchangeUnavailable'],
  ['200', refuse('200 OK', 'hello'), 'UnexpectedResponse'],
  [
    '302 to another host',
    (socket: Duplex) => socket.end('HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n'),
    'UnexpectedResponse',
  ],
])('takes a handshake answered by %s for what it is, and tells it', async (_answer, answer, name) => {
  const { of } = await told(answer);
  expect(of('refused')[0]?.error.name).toBe(name);
  expect(of('disconnected')[0]?.reason).toBe('the exchange refused the handshake');
});

it('stops after three handshakes answered by 401, and shows neither key nor token', async () => {
  const { of, events, lines, requests } = await told(refuse('401 Unauthorized', envelope('jwt_verification')));
  await expect.poll(() => of('stopped').length).toBe(1);
  expect(requests).toHaveLength(3);
  const said = [...lines, ...events.map((event) => ('error' in event ? String(event.error.stack) : ''))].join('\n');
  for (const secret of [KEYS.accessKey, KEYS.secretKey, 'Bearer', 'eyJ']) expect(said).not.toContain(secret);
});

it('waits five minutes after 418, and a second after 429', async () => {
  const blocked = await told(refuse('418 I am a teapot'));
  expect(blocked.of('disconnected')[0]?.retryInMs).toBe(300_000);
  const limited = await told(refuse('429 Too Many Requests'));
  expect(limited.of('disconnected')[0]?.retryInMs).toBe(1_000);
});

it('heeds a 418 whose body never ends', async () => {
  const { of } = await told((socket) => socket.write('HTTP/1.1 418 no\r\ncontent-length: 100\r\n\r\nblocked'), {
    handshakeMs: 100,
  });
  expect(of('disconnected')[0]?.retryInMs).toBe(300_000);
});

it('reads no more than 64 kB of why a handshake was refused', async () => {
  const body = 'x'.repeat(4_096);
  let written = 0;
  const { of } = await told((socket) => {
    socket.write('HTTP/1.1 418 no\r\ncontent-length: 1000000000\r\n\r\n');
    const go = (): void => {
      if (socket.destroyed) return;
      written += body.length;
      socket.write(body, go);
    };
    go();
  });
  expect(of('refused')[0]?.error.name).toBe('Banned');
  expect(written).toBeLessThan(50_000_000);
});

it('signs the handshake of the account without a query hash, and sends no Origin', async () => {
  const { requests } = await told(refuse('503 Service Unavailable'));
  const [first] = requests;
  const claims = decodeJwt(first?.headers.authorization?.replace('Bearer ', '') ?? '');
  expect(Object.keys(claims).sort()).toEqual(['access_key', 'nonce']);
  expect(first?.headers.origin).toBeUndefined();
  expect(first?.url).toBe('/websocket/v1/private');
});

it('takes a fresh nonce for each handshake', async () => {
  const { requests } = await told(refuse('503 Service Unavailable'));
  await expect.poll(() => requests.length).toBeGreaterThan(2);
  const nonces = requests.map(({ headers }) => decodeJwt(headers.authorization?.replace('Bearer ', '') ?? '').nonce);
  expect(new Set(nonces).size).toBe(nonces.length);
});

it('shows no key where it asks for quotes', async () => {
  const { url, requests } = await answering(refuse('503 Service Unavailable'));
  const stream = openQuoteStream({ baseUrl: `${url}/`, subscriptions: [TRADES], onEvent: () => {} });
  onTestFinished(() => stream.close());
  await expect.poll(() => requests.length).toBe(1);
  expect(requests[0]?.headers.authorization).toBeUndefined();
  expect(requests[0]?.url).toBe('/websocket/v1');
});

it('tells of an address that is none, and of a key that cannot sign, and tries again', async () => {
  for (const [baseUrl, secretKey] of [
    ['no address', KEYS.secretKey],
    ['http://127.0.0.1:9', ''],
  ] as const) {
    const heard = recorder();
    const stream = openAccountStream({
      baseUrl,
      keys: { ...KEYS, secretKey },
      subscriptions: [{ type: 'myAsset' }],
      onEvent: heard.onEvent,
      timing: { firstRetryMs: 5, longestRetryMs: 5 },
      connectPace: () => 0,
    });
    onTestFinished(() => stream.close());
    await expect.poll(() => heard.of('disconnected').length).toBeGreaterThan(1);
    expect(heard.of('refused').length).toBeGreaterThan(1);
    expect(heard.of('disconnected')[0]?.reason).toBe('the handshake could not be made');
  }
});
