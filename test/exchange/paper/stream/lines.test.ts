import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { openConnection, UPBIT_STREAM_TIMES } from '../../../../exchange/paper/stream/connection.ts';
import { quoted } from '../../../../exchange/paper/stream/message.ts';

const MIB = 1_048_576;

type Line = Awaited<ReturnType<typeof line>>;

/** A line of the server to a client, as two sockets of this process. */
async function line() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const reader = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => reader.terminate());
  reader.on('error', () => {});
  const [[socket]] = (await Promise.all([once(server, 'connection'), once(reader, 'open')])) as [[WebSocket], unknown];
  let isClosed = false;
  const connection = openConnection(socket, {
    side: 'public',
    times: UPBIT_STREAM_TIMES,
    admit: () => true,
    isTraded: () => true,
    hasBook: false,
    onRequest: () => {},
    onClosed() {
      isClosed = true;
    },
    onFault: () => {},
  });
  const kilobyte = { kind: 'trade', fields: [['type', quoted('x'.repeat(1_011))]] } as const;
  return { socket, reader, isClosed: () => isClosed, send: () => connection.send(kilobyte, 'DEFAULT') };
}

/** Timers that a test moves; what goes over the line takes its own time. */
function standingTimers() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  return (ms: number): void => void vi.advanceTimersByTime(ms);
}

const request = JSON.stringify([{ ticket: 't' }, { type: 'trade', codes: ['KRW-BTC'] }]);

it.each<[string, (line: Line) => Promise<unknown>]>([
  ['pings', ({ socket, reader }) => Promise.all([once(socket, 'ping'), reader.ping()])],
  ['answers pings', ({ socket, reader }) => Promise.all([once(socket, 'pong'), reader.pong()])],
  ['asks for something', ({ socket, reader }) => Promise.all([once(socket, 'message'), reader.send(request)])],
  ['is told something', ({ reader, send }) => Promise.all([once(reader, 'message'), send()])],
])('keeps a line that %s, and drops it once nothing moved for 120 s', async (_what, move) => {
  const pass = standingTimers();
  const one = await line();
  for (let moved = 0; moved < 2; moved += 1) {
    pass(119_999);
    await move(one);
  }
  pass(119_999);
  expect(one.socket.readyState).toBe(one.socket.OPEN);
  const closed = once(one.reader, 'close');
  pass(1);
  const [code, reason] = await closed;
  expect([code, String(reason)]).toEqual([1000, 'idle']);
});

it('says UP at once and every 10 s to a line that sent PING, however often, and keeps it', async () => {
  const pass = standingTimers();
  const { socket, reader } = await line();
  const frames: string[] = [];
  reader.on('message', (data) => frames.push(data.toString()));
  reader.send('PING');
  await expect.poll(() => frames).toEqual(['{"status":"UP"}']);
  await Promise.all([once(socket, 'message'), reader.send('PING')]);
  pass(300_000);
  await expect.poll(() => frames).toEqual(Array(31).fill('{"status":"UP"}'));
  expect(socket.readyState).toBe(socket.OPEN);
});

it('cuts a reader off that lets more than a megabyte pile up, and holds no more than that for it', async () => {
  const { socket, reader, send, isClosed } = await line();
  reader.pause();
  let most = 0;
  let sent = 0;
  while (socket.readyState === socket.OPEN) {
    send();
    sent += 1;
    most = Math.max(most, socket.readyState === socket.OPEN ? socket.bufferedAmount : 0);
    // The kernel takes some megabytes in this turn of the loop and in later ones.
    if (sent % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (sent > 65_536) throw new Error('64 MiB were sent, and the reader is still there');
  }
  expect(most).toBeGreaterThan(MIB / 2);
  expect(most).toBeLessThanOrEqual(MIB);
  await expect.poll(isClosed).toBe(true);
  reader.resume();
  expect((await once(reader, 'close'))[0]).toBe(1006);
});

it('keeps a reader that reads, however much it is sent', async () => {
  const { socket, reader, send } = await line();
  let read = 0;
  reader.on('message', () => {
    read += 1;
  });
  for (let sent = 0; sent < 8_192; sent += 1) {
    send();
    if (sent % 256 === 0) await expect.poll(() => read, { interval: 1 }).toBeGreaterThanOrEqual(sent);
  }
  await expect.poll(() => read).toBe(8_192);
  expect(socket.readyState).toBe(socket.OPEN);
});
