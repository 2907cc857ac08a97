import { sql } from 'kysely';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { parseMarket } from '../../config/market.ts';
import { readStreamReports } from '../../db/stream-reports.ts';
import { ExchangeUnavailable } from '../../exchange/errors.ts';
import { type Listening, listenToMinutes, listenToOrders } from '../../workers/live-news.ts';
import { paperOptions, startForTest } from '../exchange/paper/paper.ts';
import { useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();
const BTC = parseMarket('KRW-BTC');
const NOWHERE = 'http://127.0.0.1:9';
const LONG_MS = 60_000;
const LISTENING = { FEED_MODE: 'websocket' as const, MARKETS: [BTC] };

beforeEach(async () => {
  await sql`DELETE FROM stream_reports`.execute(db);
});

function minutesAt(baseUrl: string, settings: Parameters<typeof listenToMinutes>[0] = LISTENING) {
  return untilTestEnds(listenToMinutes(settings, { baseUrl, db }));
}

function ordersAt(
  baseUrl: string,
  { settings = LISTENING, prove = async () => undefined, traded = true }: OrdersWish = {},
) {
  const { accessKey, secretKey } = paperOptions();
  const account = { baseUrl, prove, keys: { accessKey, secretKey } };
  return untilTestEnds(listenToOrders(settings, { account: traded ? account : undefined, db }));
}

interface OrdersWish {
  readonly settings?: Parameters<typeof listenToOrders>[0];
  readonly prove?: () => Promise<void>;
  readonly traded?: boolean;
}

function untilTestEnds<News>(listening: Listening<News>): Listening<News> {
  onTestFinished(() => listening.close());
  return listening;
}

function watchSaid() {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => said.mockRestore());
  return () => said.mock.calls.flat();
}

const reported = async () => (await readStreamReports(db, LONG_MS)).map(({ stream, state }) => `${stream} ${state}`);

it('without FEED_MODE=websocket nobody listens, and what was reported before is removed', async () => {
  await sql`
    INSERT INTO stream_reports (stream, state, since, gaps_healed, reported_at)
    SELECT stream, 'connected', now(), 0, now() FROM unnest(ARRAY['prices', 'orders']) AS stream`.execute(db);
  const settings = { FEED_MODE: 'rest' as const, MARKETS: [BTC] };
  expect(minutesAt(NOWHERE, settings).news).toBeUndefined();
  expect(ordersAt(NOWHERE, { settings }).news).toBeUndefined();
  await expect.poll(reported).toEqual([]);
});

it('where nothing is traded nobody hears of orders', () => {
  expect(ordersAt(NOWHERE, { traded: false }).news).toBeUndefined();
});

it('who is to be told of no market does not start', () => {
  const listen = () => minutesAt(NOWHERE, { FEED_MODE: 'websocket', MARKETS: undefined });
  expect(listen).toThrow(/MARKETS is not set/);
});

it('with it both are told by the exchange, and say so in the log and in the database', async () => {
  const said = watchSaid();
  const { url } = await startForTest();
  const [{ news: minutes }, { news: orders }] = [minutesAt(url), ordersAt(url)];

  // Each is told that from now on it is told.
  await Promise.all([minutes?.listen(BTC).next(LONG_MS), orders?.listen('an order').next(LONG_MS)]);
  expect([minutes?.standing().state, orders?.standing().state]).toEqual(['connected', 'connected']);
  expect(said().sort()).toEqual([
    "the exchange's stream of orders is there",
    "the exchange's stream of prices is there",
  ]);
  await expect.poll(reported, { timeout: 15_000 }).toEqual(['prices connected', 'orders connected']);
}, 30_000);

it('no key is shown to an exchange that has not proven to be on paper', async () => {
  const said = watchSaid();
  const { url } = await startForTest();
  const { news } = ordersAt(url, { prove: () => Promise.reject(new ExchangeUnavailable('down')) });

  await expect.poll(said).toEqual([expect.stringContaining('no stream of orders')]);
  expect(news?.standing()).toMatchObject({ state: 'cut', reason: 'down' });
});
