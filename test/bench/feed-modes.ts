import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApplicationFailure } from '@temporalio/activity';
import { createMarketDataActivities } from '../../activities/market-data.ts';
import { openMinuteNews } from '../../activities/news/minute-news.ts';
import { openOrderNews } from '../../activities/news/order-news.ts';
import { createTradingActivities } from '../../activities/trading.ts';
import { leadMs } from '../../config/lead.ts';
import type { Db } from '../../db/connect.ts';
import { ensureMarketAccounts } from '../../db/first-start.ts';
import { beginSending } from '../../db/order-sending.ts';
import { insertIntendedOrder } from '../../db/orders.ts';
import { createExchangeClock } from '../../exchange/exchange-clock.ts';
import { hashAt } from '../../exchange/numbers/noise.ts';
import { startPaperExchange } from '../../exchange/paper/server.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { createUpbitLiveAccount, createUpbitLiveMarkets } from '../../exchange/upbit/stream/live.ts';
import { type BotId, orderIdentifier } from '../../strategy/order-identifier.ts';
import { DEFAULT_SIZING } from '../../strategy/sizing.ts';
import { shortActivityMs } from '../../workflows/policies.ts';
import { writeCandleCsv } from '../support/candle-csv.ts';
import type { Bench, Figure, Measurement } from './bench.ts';
import { MARKET } from './bench-bot.ts';
import { withBenchDatabase } from './bench-database.ts';
import { percentile } from './statistics.ts';

const FEED_MODES = ['rest', 'websocket'] as const;
type FeedMode = (typeof FEED_MODES)[number];

const MINUTE = 60_000;
const TRADED = { market: MARKET, timeframe: '1m' } as const;
const ACCOUNT = 'paper-bench';
const BOT = 'benchbot' as BotId;
const LOW = 100_000_000;
/** When the feed has the first trade of a minute. */
const FIRST_TRADE_MS = 1_500;
/** One percent up, one percent down, and a minute without a trade, in turn. */
const PRICES = [LOW * 1.01, LOW, undefined] as const;
const QUANTITY = '0.001';
const FEE_RATE = '0.0005';

/** How soon what happens at the exchange is in the database in real time: by asking alone, and by being told too. */
export async function measureFeedModes(bench: Bench): Promise<Measurement> {
  const wanted = bench.quick ? 5 : 20;
  const figures: Figure[] = [];
  for (const feedMode of FEED_MODES) {
    const found = await withBenchDatabase(bench, (db) => measureOne(bench, { db, feedMode, wanted }));
    for (const [what, latencies] of Object.entries(found)) {
      figures.push(
        { name: `${feedMode}: ${what}, p50`, value: percentile(latencies, 0.5), unit: 'ms' },
        { name: `${feedMode}: ${what}, p95`, value: percentile(latencies, 0.95), unit: 'ms' },
      );
    }
  }
  return {
    title: 'Feed modes',
    figures,
    notes: [
      `${wanted} of each, in real time, one second around each close: the time between is skipped. Activities without Temporal's share; retries come as the policy has them.`,
      'By the clock of the paper exchange, from the close or the fill to the commit. Its feed has the first trade of a minute 1.5 s after it opens, and its stream looks ten times a second.',
    ],
  };
}

interface OneMode {
  readonly db: Db;
  readonly feedMode: FeedMode;
  readonly wanted: number;
}

async function measureOne(bench: Bench, { db, feedMode, wanted }: OneMode) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'durabit-bench-')));
  const file = join(folder, 'KRW-BTC.csv');
  writeCandleCsv(file, stepRows(400 + 3 * 2 * wanted));
  const keys = { accessKey: 'bench', secretKey: 'a secret that is long enough for anybody' };
  const skipped = { ms: 0 };
  const exchange = await startPaperExchange({
    ...{ feed: 'replay', replayFiles: [file], markets: [MARKET], seed: 1, speed: 1, port: 0, ...keys },
    ...{ stateDir: join(folder, 'exchange'), wallClock: () => Date.now() + skipped.ms },
  });
  const options = { baseUrl: exchange.url, keys };
  const told =
    feedMode === 'websocket'
      ? {
          minutes: openMinuteNews(createUpbitLiveMarkets(options), [MARKET], bench.say),
          orders: openOrderNews(createUpbitLiveAccount(options), bench.say),
        }
      : undefined;
  try {
    const clock = createExchangeClock(
      1,
      () => performance.now() + skipped.ms,
      () => Date.now() + skipped.ms,
    );
    const client = createUpbitClient({ ...options, observeClock: clock.ask });
    const pace = { clock, intervalMs: MINUTE, leadMs: leadMs(MINUTE) };
    const collector = createMarketDataActivities({
      ...{ exchange: client, db, ...pace },
      told: told && { minutes: told.minutes, attemptMs: shortActivityMs(MINUTE) },
    });
    await ensureMarketAccounts(db, ACCOUNT, [MARKET], '10000000');
    const trader = createTradingActivities({
      ...{ db, exchange: client, ...pace, orderNews: told?.orders, botId: BOT },
      candles: { next: async () => undefined, close: async () => undefined },
      rules: {
        ...{ threshold: undefined, sizing: DEFAULT_SIZING },
        fees: { of: () => ({ bid: FEE_RATE, ask: FEE_RATE, sizing: FEE_RATE }) },
      },
    });
    const at = { bench, feedMode, db, client, collector, trader, marketTime: exchange.marketTime, skipped };
    await learnTheTime(client);
    return { ...(await measureCloses(at, wanted)), ...(await measureFills(at, wanted)) };
  } finally {
    await Promise.all([told?.minutes.close(), told?.orders.close()]);
    await exchange.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** As a bot that has run for a while knows it: the clock in an answer is cut to seconds, here the same part each time. */
async function learnTheTime(client: ReturnType<typeof createUpbitClient>): Promise<void> {
  for (let n = 0; n < 60; n += 1) {
    await client.fetchMinuteCandles(MARKET, { count: 1 });
    await sleep(50);
  }
}

interface AtExchange {
  readonly bench: Bench;
  readonly feedMode: FeedMode;
  readonly db: Db;
  readonly client: ReturnType<typeof createUpbitClient>;
  readonly collector: ReturnType<typeof createMarketDataActivities>;
  readonly trader: ReturnType<typeof createTradingActivities>;
  readonly marketTime: () => number;
  /** Wall time that nobody waited for. */
  readonly skipped: { ms: number };
}

/** Minutes that are each at one price throughout, or without a trade. */
function stepRows(count: number) {
  const start = Date.UTC(2025, 2, 1);
  return Array.from({ length: count }, (_, n) => ({ ts: new Date(start + n * MINUTE), price: priceOf(n) })).flatMap(
    ({ ts, price }) => {
      if (price === undefined) return [];
      const text = String(price);
      return [{ ts, open: text, high: text, low: text, close: text, volume: '5' }];
    },
  );
}

function priceOf(minute: number): number | undefined {
  return PRICES[minute % PRICES.length];
}

function priceAt(instant: number): number | undefined {
  return priceOf(Math.round((instant - Date.UTC(2025, 2, 1)) / MINUTE));
}

/** Skips to so long before the next close. @returns the close */
function skipToClose({ marketTime, skipped }: AtExchange, leftMs: number): number {
  const now = marketTime();
  const close = Math.ceil((now + leftMs) / MINUTE) * MINUTE;
  skipped.ms += close - leftMs - now;
  return close;
}

/** From the close of a minute until it is stored, or known to be empty. */
async function measureCloses(at: AtExchange, wanted: number) {
  const traded: number[] = [];
  const empty: number[] = [];
  while (traded.length < wanted || empty.length < wanted) {
    at.bench.signal.throwIfAborted();
    const close = skipToClose(at, 1_100);
    const isEmpty = priceAt(close - MINUTE) === undefined;
    if ((isEmpty ? empty : traded).length >= wanted) {
      // Past it, as if nobody had looked.
      at.skipped.ms += MINUTE / 2;
      continue;
    }
    const fetched = await byPolicy(() => at.collector.fetchCandles(TRADED));
    await at.collector.upsertCandles({ ...TRADED, ...fetched });
    (isEmpty ? empty : traded).push(at.marketTime() - close);
    if (empty.length % 10 === 0) at.bench.say(`${at.feedMode}: ${traded.length} closes, ${empty.length} empty minutes`);
  }
  return { 'close to candle stored': traded, 'close to empty minute known': empty };
}

/** Tries again as the policy `marketData` of workflows/policies.ts has it. */
async function byPolicy<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let pauseMs = MINUTE / 60; ; pauseMs *= 2) {
    try {
      return await attempt();
    } catch (error) {
      const { type, nextRetryDelay } = error as ApplicationFailure;
      if (type !== 'CandleNotReady') throw error;
      await sleep(Number(nextRetryDelay ?? pauseMs));
    }
  }
}

/** From a fill of a resting order until it is booked. */
async function measureFills(at: AtExchange, wanted: number) {
  const { db, client, trader } = at;
  const booked: number[] = [];
  while (booked.length < wanted) {
    at.bench.signal.throwIfAborted();
    // At any moment of the pause between two looks.
    const close = skipToClose(at, 500 + (hashAt(1, 0, booked.length) % 1_000));
    const [now, next] = [priceAt(close - MINUTE), priceAt(close)];
    if (now === undefined || next !== LOW) {
      at.skipped.ms += MINUTE / 2;
      continue;
    }
    const identifier = orderIdentifier({ botId: BOT, market: MARKET, candle: close - MINUTE, leg: 'entry' });
    const order = {
      market: MARKET,
      identifier,
      type: 'limit',
      side: 'bid',
      price: String(LOW),
      volume: QUANTITY,
    } as const;
    await db.transaction().execute((trx) =>
      insertIntendedOrder(trx, {
        ...{
          account: ACCOUNT,
          identifier,
          market: MARKET,
          leg: 'entry',
          side: 'bid',
          price: String(LOW),
          quantity: QUANTITY,
        },
        ...{ feeRate: FEE_RATE, request: { type: 'limit' }, deadline: close + MINUTE, decision: null },
      }),
    );
    await beginSending(db, identifier, close - MINUTE);
    await client.createOrder(order);
    await trader.pollOrderFills({ identifier, until: close + MINUTE });
    const bookedAt = at.marketTime();
    // The exchange names the second.
    const filledAt = close + FIRST_TRADE_MS;
    const { fills = [] } = (await client.fetchOrder({ identifier })) ?? {};
    if (fills.at(-1)?.executedAt !== Math.floor(filledAt / 1_000) * 1_000)
      throw new Error(`${identifier} filled otherwise`);
    booked.push(bookedAt - filledAt);
    if (booked.length % 10 === 0) at.bench.say(`${at.feedMode}: ${booked.length} fills`);
  }
  return { 'fill to booked': booked };
}
