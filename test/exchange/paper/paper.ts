import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { onTestFinished } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { type PaperExchange, type PaperExchangeOptions, startPaperExchange } from '../../../exchange/paper/server.ts';

const ACCESS_KEY = 'access';
const SECRET_KEY = 'a secret that is long enough for anybody';
export const BTC_FILE = candleFile('BTC_KRW_1m.csv');
export const ETH_FILE = candleFile('ETH_KRW_1m.csv');
/** On a minute of wall time and, at speed 1, of market time. */
const WALL_START = 1_800_000_000_000;

export function candleFile(name: string): string {
  return new URL(`../../support/candle-files/${name}`, import.meta.url).pathname;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'paper-exchange-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A wall clock that stands until it is moved. */
export function standingWall(start = WALL_START) {
  let time = start;
  return {
    now: () => time,
    pass(ms: number): void {
      time += ms;
    },
  };
}

export function paperOptions(overrides: Partial<PaperExchangeOptions> = {}): PaperExchangeOptions {
  return {
    feed: 'replay',
    replayFiles: [BTC_FILE],
    markets: [parseMarket('KRW-BTC')],
    seed: 1,
    speed: 1,
    accessKey: ACCESS_KEY,
    secretKey: SECRET_KEY,
    stateDir: overrides.stateDir ?? temporaryFolder(),
    port: 0,
    ...overrides,
  };
}

/** Started for the running test and closed after it. */
export async function startForTest(overrides: Partial<PaperExchangeOptions> = {}): Promise<PaperExchange> {
  const exchange = await startPaperExchange(paperOptions(overrides));
  onTestFinished(() => exchange.close());
  return exchange;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into answers of every shape
  readonly json: any;
}

export async function get(url: string): Promise<Answer> {
  const response = await fetch(url);
  return { status: response.status, headers: response.headers, json: await response.json() };
}

export interface SignedCall {
  readonly query?: string;
  readonly body?: Record<string, unknown>;
  /** What to hash instead of the decoded query or the flattened body. */
  readonly hashed?: string;
  readonly nonce?: string;
  readonly algorithm?: 'HS256' | 'HS512';
  readonly accessKey?: string;
  readonly secretKey?: string;
}

/** Signs as Upbit's documentation says. */
export async function tokenFor(call: SignedCall): Promise<string> {
  const flattened = Object.entries(call.body ?? {}).map(([key, value]) => `${key}=${value}`);
  const hashed = call.hashed ?? (call.body ? flattened.join('&') : decodeURIComponent(call.query ?? ''));
  const claims: Record<string, string> = {
    access_key: call.accessKey ?? ACCESS_KEY,
    nonce: call.nonce ?? randomUUID(),
    ...(hashed !== '' && { query_hash: createHash('sha512').update(hashed).digest('hex'), query_hash_alg: 'SHA512' }),
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: call.algorithm ?? 'HS512', typ: 'JWT' })
    .sign(new TextEncoder().encode(call.secretKey ?? SECRET_KEY));
}

export async function signed(base: string, method: string, path: string, call: SignedCall = {}): Promise<Answer> {
  const response = await fetch(`${base}${path}${call.query ? `?${call.query}` : ''}`, {
    method,
    headers: {
      authorization: `Bearer ${await tokenFor(call)}`,
      ...(call.body && { 'content-type': 'application/json; charset=utf-8' }),
    },
    ...(call.body && { body: JSON.stringify(call.body) }),
  });
  return { status: response.status, headers: response.headers, json: await response.json() };
}
