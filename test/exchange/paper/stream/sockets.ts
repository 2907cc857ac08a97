import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { parseMarket } from '../../../../config/market.ts';
import type { PaperExchangeOptions } from '../../../../exchange/paper/server.ts';
import { type SignedCall, standingWall, startForTest, tokenFor } from '../paper.ts';

export const BTC = parseMarket('KRW-BTC');
export const TICKET = { ticket: 't' };
export const TRADE = { type: 'trade', codes: [BTC] };

export const PUBLIC = '/websocket/v1';
export const PRIVATE = '/websocket/v1/private';

export interface Client {
  readonly socket: WebSocket;
  readonly frames: string[];
  readonly binary: boolean[];
  /** What was heard, as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into messages of every shape
  heard(): any[];
  ask(...parts: unknown[]): void;
}

/** The status a handshake at `url` is answered with, 101 when it succeeds, and the socket. */
export async function shakeHands(url: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(url, { headers });
  onTestFinished(() => socket.terminate());
  socket.on('error', () => {});
  const { promise, resolve } = Promise.withResolvers<{ status: number; headers: Record<string, unknown> }>();
  const frames: string[] = [];
  const binary: boolean[] = [];
  socket.on('message', (data, isBinary) => {
    frames.push(data.toString());
    binary.push(isBinary);
  });
  socket.on('upgrade', (response) => resolve({ status: 101, headers: response.headers }));
  socket.on('unexpected-response', (_request, response) => {
    resolve({ status: response.statusCode ?? 0, headers: response.headers });
    socket.terminate();
  });
  return { ...(await promise), socket, frames, binary };
}

/** A paper exchange whose market stands still until the test passes time, and clients of its WebSocket. */
export async function startStream(overrides: Partial<PaperExchangeOptions> = {}) {
  const wall = standingWall();
  const exchange = await startForTest({
    feed: 'simulated',
    replayFiles: [],
    markets: [BTC],
    speed: 60,
    wallClock: wall.now,
    ...overrides,
  });
  const address = exchange.url.replace('http', 'ws');
  const connect = async (path = PUBLIC, headers: Record<string, string> = {}): Promise<Client> => {
    const { status, socket, frames, binary } = await shakeHands(address + path, headers);
    if (status !== 101) throw new Error(`the handshake was answered with ${status}`);
    if (socket.readyState !== socket.OPEN) await once(socket, 'open');
    return {
      socket,
      frames,
      binary,
      heard: () => frames.map((frame) => JSON.parse(frame)),
      ask: (...parts) => socket.send(JSON.stringify([TICKET, ...parts])),
    };
  };
  return {
    wall,
    exchange,
    address,
    connect,
    signIn: async (call: SignedCall = {}) => connect(PRIVATE, { authorization: `Bearer ${await tokenFor(call)}` }),
  };
}
