import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../cli/up/ports.ts';
import { openExchangeRelay } from '../../ops/compose/exchange-relay.ts';

/** Answers whatever it hears, and with `end` hangs up. */
async function echo(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on('data', (part) => (String(part) === 'end' ? socket.destroy() : socket.write(part)));
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

async function relayTo(port: number): Promise<ReturnType<typeof connect>> {
  const here = await freePort();
  const relay = await openExchangeRelay({ host: '127.0.0.1', port }, here);
  const socket = connect(here, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
    relay.close();
  });
  return socket;
}

test('what is said here is heard there, and the answer comes back', async () => {
  const { port } = await echo();
  const socket = await relayTo(port);

  socket.write('GET /v1/market/all');

  expect(String((await once(socket, 'data'))[0])).toBe('GET /v1/market/all');
});

test('a connection the exchange closes is closed here', async () => {
  const { port } = await echo();
  const socket = await relayTo(port);

  socket.write('end');

  await once(socket, 'close');
  expect(socket.destroyed).toBe(true);
});

test('an exchange that is down is no connection, not a silent one', async () => {
  const socket = await relayTo(await freePort());

  const [error] = await once(socket, 'error').catch((thrown: unknown) => [thrown]);

  expect(error).toMatchObject({ code: 'ECONNRESET' });
});
