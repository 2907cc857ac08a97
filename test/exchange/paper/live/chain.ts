import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { parseMarket } from '../../../../config/market.ts';
import { simulatedSource } from '../../../../exchange/paper/feed/simulated-source.ts';
import { tradesBefore } from '../../../../exchange/paper/feed/trades.ts';
import type { PaperExchange, PaperExchangeOptions } from '../../../../exchange/paper/server.ts';
import { signed, startForTest } from '../paper.ts';

export const BTC = parseMarket('KRW-BTC');
export const ETH = parseMarket('KRW-ETH');

/** Quick to come back, so that no test waits long. */
export const STREAM_TIMING = { firstRetryMs: 20, longestRetryMs: 100, settleMs: 300 };

/** The way from one exchange to its source, which a test may close. */
export interface Way {
  readonly url: string;
  /** `GET /v1/…`, every request that came by; handshakes too. */
  readonly asked: string[];
  /** `no-stream` lets REST alone through. Lines that are open and not allowed any more break. */
  set(state: 'open' | 'no-stream' | 'closed'): void;
}

export async function startWay(to: string): Promise<Way> {
  const { port } = new URL(to);
  const asked: string[] = [];
  const lines = new Set<{ readonly near: Socket; readonly far: Socket; readonly isStream: boolean }>();
  let state: Parameters<Way['set']>[0] = 'open';
  const isAllowed = (isStream: boolean): boolean => state === 'open' || (state === 'no-stream' && !isStream);
  const server = createServer((near) => {
    near.on('error', () => near.destroy());
    near.once('data', (first) => {
      const isStream = /upgrade: websocket/i.test(String(first));
      if (!isAllowed(isStream)) return near.destroy();
      const far = connect(Number(port), '127.0.0.1');
      far.on('error', () => near.destroy());
      const line = { near, far, isStream };
      lines.add(line);
      near.on('close', () => lines.delete(line) && far.destroy());
      far.on('close', () => near.destroy());
      const pass = (part: Buffer): void => {
        const request = /^(GET \S+)/.exec(String(part))?.[1];
        if (request !== undefined) asked.push(request);
        far.write(part);
      };
      pass(first);
      near.on('data', pass);
      far.on('data', (part) => near.write(part));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const { near, isStream } of lines) if (!isAllowed(isStream)) near.destroy();
  };
  onTestFinished(() => {
    state = 'closed';
    cut();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    set(wanted) {
      state = wanted;
      cut();
    },
  };
}

type Overrides = Partial<PaperExchangeOptions>;

/** A paper exchange in the part of Upbit, a way to it, and one that shows its prices. */
export async function startChain({ source = {}, live = {} }: { source?: Overrides; live?: Overrides } = {}) {
  const log: string[] = [];
  const upbit = await startForTest({ feed: 'simulated', replayFiles: [], markets: [BTC], speed: 60, ...source });
  const way = await startWay(upbit.url);
  const options: Overrides = {
    feed: 'upbit',
    source: way.url,
    replayFiles: [],
    markets: [BTC],
    speed: source.speed ?? 60,
    streamTiming: STREAM_TIMING,
    log: (line) => log.push(line),
    ...live,
  };
  return { upbit, way, log, options, exchange: await startForTest(options) };
}

export async function orderOf(url: string, identifier: string) {
  return (await signed(url, 'GET', '/v1/order', { query: `identifier=${identifier}` })).json;
}

export async function place(url: string, body: Record<string, unknown>) {
  const fields = Object.entries({ market: BTC, ord_type: 'limit', volume: '0.001', ...body });
  const given = Object.fromEntries(fields.filter(([, value]) => value !== undefined));
  return signed(url, 'POST', '/v1/orders', { body: given });
}

const SIMULATED = simulatedSource(BTC, 1);

/** The source's trades after `from` up to `to` (epoch ms of market time), oldest first. */
export function printsBetween(from: number, to: number) {
  return tradesBefore(SIMULATED, 2_000, to)
    .filter(({ at }) => at > from)
    .toReversed();
}

/** A limit that the market reaches no sooner than in `inMs` of market time and within `spanMs` after that, on either side. */
function limitReached(now: number, inMs: number, spanMs: number): { side: 'bid' | 'ask'; price: string } | undefined {
  const before = printsBetween(now - 60_000, now + inMs).map(({ price }) => price);
  const later = printsBetween(now + inMs, now + inMs + spanMs).map(({ price }) => price);
  const [lowest, highest] = [later.reduce(least), later.reduce(most)];
  const text = (price: bigint): string => String(price / 100_000_000n);
  if (before.every((price) => price > lowest)) return { side: 'bid', price: text(lowest) };
  if (before.every((price) => price < highest)) return { side: 'ask', price: text(highest) };
  return undefined;
}

/** The same once the market has such a limit, which is soon. */
export async function findLimit(exchange: Pick<PaperExchange, 'marketTime'>, inMs: number, spanMs: number) {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = limitReached(exchange.marketTime(), inMs, spanMs);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the market went nowhere for ten minutes of its time');
}

/** The first trade after `from` that reaches the limit. */
export function firstReaching({ side, price }: { side: string; price: string }, from: number) {
  const limit = BigInt(price) * 100_000_000n;
  return printsBetween(from, from + 3_600_000).find((print) =>
    side === 'bid' ? print.price <= limit : print.price >= limit,
  );
}

/** Coins to sell. */
export async function buySome(url: string): Promise<void> {
  const bought = await place(url, { side: 'bid', ord_type: 'price', price: '500000', volume: undefined });
  if (bought.status !== 201)
    throw new Error(`the purchase was answered with ${bought.status}: ${JSON.stringify(bought.json)}`);
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
const most = (one: bigint, other: bigint): bigint => (one > other ? one : other);
