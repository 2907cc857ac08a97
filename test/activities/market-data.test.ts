import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMarketDataActivities } from '../../activities/market-data.ts';
import { openMinuteNews } from '../../activities/news/minute-news.ts';
import { parseMarket } from '../../config/market.ts';
import { readCandles, readCollectionState, readGaps } from '../../db/candles.ts';
import { connectDatabase, type Db } from '../../db/connect.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { ExchangeUnavailable } from '../../exchange/errors.ts';
import { createExchangeClock } from '../../exchange/exchange-clock.ts';
import type { CandleRequest } from '../../exchange/port.ts';
import { minute } from '../support/candles.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ScriptedExchange } from '../support/scripted-exchange.ts';
import { toldLines } from '../support/told-lines.ts';

const BTC = parseMarket('KRW-BTC');
const where = { market: BTC, timeframe: '1m' } as const;

let database: TestDatabase;
let db: Db;
let exchange: ScriptedExchange;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connectDatabase(database.url, { applicationName: 'test' });
  await migrateToLatest(db);
});
beforeEach(() => startAfresh());
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

async function startAfresh(): Promise<void> {
  for (const table of ['candles', 'candle_revisions', 'candle_coverage'] as const) await db.deleteFrom(table).execute();
  exchange = new ScriptedExchange();
}

const activities = () =>
  createMarketDataActivities({ exchange, db, clock: createExchangeClock(1), intervalMs: 60_000, leadMs: 0 });

/** One collection run, as the workflow makes it. */
async function collect() {
  const { fetchCandles, upsertCandles } = activities();
  return upsertCandles({ ...where, ...(await fetchCandles(where)) });
}

/** Minutes stored, oldest first. */
async function storedMinutes(): Promise<number[]> {
  const rows = await readCandles(db, { ...where, limit: 10_000 });
  return rows.map((row) => (row.ts.getTime() - minute(0)) / 60_000).reverse();
}

const minutesTo = (until: number) => Array.from({ length: until }, (_, n) => n);

describe('collecting', () => {
  it('starts with the last two pages of history and leaves the forming candle out', async () => {
    for (const n of minutesTo(501)) exchange.trade(n);
    exchange.clockSeconds = 500 * 60 + 30;

    await collect();

    expect(await storedMinutes()).toEqual(minutesTo(500).slice(101));
    expect(exchange.requests).toEqual([{ count: 200 }, { to: minute(301), count: 200 }]);
  });

  it('that comes a moment before a close knocks, waits for it and stores the candle that closes', async () => {
    for (const n of minutesTo(12)) exchange.trade(n);
    exchange.clockSeconds = 10 * 60 + 1;
    await collect();
    exchange.requests = [];
    // A candle in two seconds; the clock runs on from 300 ms before the close of minute 10.
    const clock = createExchangeClock(30);
    clock.ask()(minute(11) - 9_000);
    const ticking = {
      listMarkets: () => exchange.listMarkets(),
      fetchMinuteCandles(market: string, request: CandleRequest) {
        exchange.clockSeconds = ((clock.now() ?? 0) - minute(0)) / 1_000;
        return exchange.fetchMinuteCandles(market, request);
      },
    };
    const early = createMarketDataActivities({ exchange: ticking, db, clock, intervalMs: 2_000, leadMs: 1_000 });

    const fetched = await early.fetchCandles(where);

    expect(exchange.requests).toEqual([{ count: 1 }, { count: 8 }]);
    expect(fetched.candles.at(-1)?.ts).toBe(minute(10));
  });

  it('in step asks for few candles and stores the one that closed', async () => {
    for (const n of minutesTo(12)) exchange.trade(n);
    exchange.clockSeconds = 10 * 60 + 1;
    await collect();
    exchange.requests = [];
    exchange.clockSeconds = 11 * 60 + 1;

    expect(await collect()).toEqual({ inserted: 1, corrected: 0, late: 0 });
    expect(exchange.requests).toEqual([{ count: 8 }]);
  });

  it('takes what it finds when the forming minute has had no trade yet', async () => {
    for (const n of minutesTo(5)) exchange.trade(n);
    exchange.clockSeconds = 5 * 60 + 1;
    await collect();
    expect(await storedMinutes()).toEqual([0, 1, 2, 3, 4]);
  });

  it('does not believe an empty minute before a twelfth of a candle has passed', async () => {
    for (const n of minutesTo(5)) exchange.trade(n);
    exchange.clockSeconds = 6 * 60 + 4;
    await expect(activities().fetchCandles(where)).rejects.toMatchObject({ type: 'CandleNotReady' });

    exchange.clockSeconds = 6 * 60 + 5;
    await collect();

    expect(await readCollectionState(db, BTC, '1m')).toMatchObject({
      newestStored: minute(4),
      coveredUntil: minute(6),
    });
  });

  it('reads an empty minute again later, so that a candle that appears late is not lost', async () => {
    for (const n of minutesTo(5)) exchange.trade(n);
    exchange.trade(5, {}, 7 * 60 + 30);
    exchange.trade(6);
    exchange.trade(7);
    exchange.clockSeconds = 7 * 60 + 1;
    await collect();
    expect(await storedMinutes()).toEqual([0, 1, 2, 3, 4, 6]);
    exchange.clockSeconds = 8 * 60 + 1;

    expect(await collect()).toMatchObject({ inserted: 2, late: 1 });
    expect(await storedMinutes()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('applies a late correction of a closed candle', async () => {
    for (const n of minutesTo(8)) exchange.trade(n);
    exchange.clockSeconds = 6 * 60 + 1;
    await collect();
    exchange.trade(5, { volume: '99' });
    exchange.clockSeconds = 7 * 60 + 1;

    expect(await collect()).toEqual({ inserted: 1, corrected: 1, late: 0 });
  });

  it('waits for the close when it comes a moment early by the exchange clock', async () => {
    for (const n of minutesTo(7)) exchange.trade(n);
    exchange.clockSeconds = 6 * 60 + 1;
    await collect();
    exchange.clockSeconds = 7 * 60 - 3;

    await expect(activities().fetchCandles(where)).rejects.toMatchObject({
      type: 'CandleNotReady',
      nextRetryDelay: 3_000,
    });
  });

  it('finds nothing new when run by hand in the middle of a minute', async () => {
    for (const n of minutesTo(7)) exchange.trade(n);
    exchange.clockSeconds = 6 * 60 + 1;
    await collect();
    exchange.clockSeconds = 6 * 60 + 30;

    expect(await collect()).toEqual({ inserted: 0, corrected: 0, late: 0 });
  });

  it('records a hole after a long outage and heals it on later runs, newest first', async () => {
    for (const n of minutesTo(1_001)) exchange.trade(n);
    exchange.clockSeconds = 100 * 60 + 1;
    await collect();
    exchange.clockSeconds = 1_000 * 60 + 1;

    await collect();
    expect(await readGaps(db, BTC, '1m')).toEqual([{ from: minute(100), until: minute(798) }]);

    for (const left of [603, 408, 213]) {
      await collect();
      expect(await readGaps(db, BTC, '1m')).toEqual([{ from: minute(100), until: minute(left) }]);
    }
    await collect();
    expect(await readGaps(db, BTC, '1m')).toEqual([]);
    expect(await storedMinutes()).toEqual(minutesTo(1_000));
  });

  it('does not take minutes for empty because an answer was empty or short in a bad moment', async () => {
    for (const n of minutesTo(702)) exchange.trade(n);
    exchange.clockSeconds = 300 * 60 + 1;
    await collect();
    exchange.clockSeconds = 700 * 60 + 6;
    exchange.emptyAnswers = 1;

    await expect(collect()).rejects.toThrow(/shows 0 of 8 candles and none as old as/);
    for (let run = 0; run < 5; run += 1) await collect();

    expect(await readGaps(db, BTC, '1m')).toEqual([]);
    expect(await storedMinutes()).toEqual(minutesTo(700));
  });

  it('reads again what counted as empty once a list that stood still shows that it was not', async () => {
    for (const n of minutesTo(760)) exchange.trade(n);
    exchange.clockSeconds = 300 * 60 + 6;
    await collect();
    exchange.standsStillFrom = 300;
    for (let n = 301; n <= 700; n += 7) {
      exchange.clockSeconds = n * 60 + 6;
      await collect();
    }
    expect((await readCollectionState(db, BTC, '1m')).coveredUntil).toBeGreaterThan(minute(690));
    exchange.standsStillFrom = Number.POSITIVE_INFINITY;
    for (let n = 701; n <= 720; n += 1) {
      exchange.clockSeconds = n * 60 + 6;
      await collect();
    }

    expect(await readGaps(db, BTC, '1m')).toEqual([]);
    expect(await storedMinutes()).toEqual(minutesTo(720));
  });

  it('stores nothing when the exchange fails, and all of it afterwards', async () => {
    for (const n of minutesTo(6)) exchange.trade(n);
    exchange.clockSeconds = 5 * 60 + 1;
    exchange.failures.push(new ExchangeUnavailable('down'));

    await expect(collect()).rejects.toThrow('down');
    expect(await storedMinutes()).toEqual([]);
    await collect();
    expect(await storedMinutes()).toEqual([0, 1, 2, 3, 4]);
  });
});

/** Collecting in real time from an exchange that tells of minutes, in attempts that may take so long. */
function told(attemptMs: number) {
  const { markets, tellMarkets } = toldLines();
  const minutes = openMinuteNews(markets, [BTC], () => undefined);
  const { fetchCandles } = createMarketDataActivities({
    ...{ exchange, db, clock: createExchangeClock(1), intervalMs: 60_000, leadMs: 0 },
    told: { minutes, attemptMs },
  });
  const asked = (times: number) => expect.poll(() => exchange.requests.length, { interval: 1 }).toBe(times);
  return {
    fetch: () => fetchCandles(where),
    asked,
    tellClosed: (n: number) => tellMarkets({ kind: 'minute-closed', market: BTC, until: minute(n + 1) }),
    tellGap: () => tellMarkets({ kind: 'gap', reason: 'connected', markets: [BTC] }),
  };
}

describe('collecting where the exchange tells of minutes', () => {
  const LONG_MS = 30_000;
  /** Less than the second after which it would ask by itself. */
  const SOON_MS = 900;

  /** Minute 5 had no trade, and is a second old. */
  async function emptyMinute(): Promise<void> {
    for (const n of minutesTo(5)) exchange.trade(n);
    exchange.clockSeconds = 5 * 60 + 1;
    await collect();
    exchange.clockSeconds = 6 * 60 + 1;
    exchange.requests = [];
  }

  it('believes an empty minute as soon as a trade after it is told and shown', async () => {
    await emptyMinute();
    const { fetch, asked, tellClosed } = told(LONG_MS);
    const fetching = fetch();
    await asked(1);
    const began = performance.now();
    exchange.trade(6);
    tellClosed(5);

    expect((await fetching).settled).toEqual([{ from: minute(0), until: minute(6) }]);
    expect(performance.now() - began).toBeLessThan(SOON_MS);
    expect(exchange.requests).toHaveLength(2);
  });

  it('looks at once after a gap, in which the news may have been', async () => {
    await emptyMinute();
    const { fetch, asked, tellGap } = told(LONG_MS);
    const fetching = fetch();
    await asked(1);
    const began = performance.now();
    exchange.trade(6);
    tellGap();

    expect((await fetching).settled.at(-1)?.until).toBe(minute(6));
    expect(performance.now() - began).toBeLessThan(SOON_MS);
  });

  it('does not believe what is told: what is not shown yet is asked for in its own pace', async () => {
    await emptyMinute();
    const { fetch, asked, tellClosed } = told(LONG_MS);
    const fetching = fetch();
    await asked(1);
    tellClosed(5);
    await asked(2);
    const sawNothing = performance.now();
    exchange.trade(6);

    expect((await fetching).settled.at(-1)?.until).toBe(minute(6));
    expect(performance.now() - sawNothing).toBeGreaterThan(SOON_MS);
    expect(exchange.requests).toHaveLength(3);
  });

  it('waits in vain no longer than an attempt may, and the next one goes on at once', async () => {
    await emptyMinute();
    // Patient for less than the second after which it would ask once more by itself.
    const { fetch } = told(1_500);

    await expect(fetch()).rejects.toMatchObject({ type: 'CandleNotReady', nextRetryDelay: 1 });
    expect(exchange.requests).toHaveLength(2);
  });

  it('waits for a close that is told to be over and is not by the clock of the answers', async () => {
    for (const n of minutesTo(7)) exchange.trade(n);
    exchange.clockSeconds = 6 * 60 + 1;
    await collect();
    exchange.clockSeconds = 7 * 60 - 1;
    exchange.requests = [];
    const { fetch, asked } = told(LONG_MS);
    const fetching = fetch();
    await asked(1);
    exchange.trade(7);
    exchange.clockSeconds = 7 * 60;

    expect((await fetching).candles.at(-1)?.ts).toBe(minute(6));
  });

  it('fails as ever when the exchange does', async () => {
    await emptyMinute();
    const { fetch } = told(LONG_MS);
    exchange.failures.push(new ExchangeUnavailable('down'));

    await expect(fetch()).rejects.toThrow('down');
  });
});

describe('whatever idles, comes late or is missed', () => {
  /** A stretch of market life: minutes that pass before the next run, and what happened in them. */
  const life = fc.array(
    fc.record({
      minutes: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 450 })),
      idle: fc.array(fc.integer({ min: 0, max: 449 }), { maxLength: 6 }),
      lateBySeconds: fc.option(fc.integer({ min: 1, max: 150 }), { nil: undefined }),
      corrects: fc.boolean(),
      /** The list stands still for the whole stretch, collected every few minutes. */
      standsStill: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  );

  it('the record ends up equal to what the exchange shows, minute by minute', { timeout: 180_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(life, async (stretches) => {
        await startAfresh();
        let n = 0;
        for (; n < 20; n += 1) exchange.trade(n);
        for (const { minutes, idle, lateBySeconds, corrects, standsStill } of stretches) {
          if (standsStill) exchange.standsStillFrom = n;
          const begin = n;
          for (let i = 0; i < minutes; i += 1, n += 1) if (!idle.includes(i)) exchange.trade(n);
          // The newest candle may become visible only some time after its close.
          if (lateBySeconds !== undefined) exchange.trade(n - 1, {}, n * 60 + lateBySeconds);
          for (let seen = begin + 1; standsStill && seen < n; seen += 20) {
            exchange.clockSeconds = seen * 60 + 6;
            await collect();
          }
          exchange.standsStillFrom = Number.POSITIVE_INFINITY;
          exchange.clockSeconds = n * 60 + 6;
          await collect();
          if (corrects) exchange.trade(n - 1, { volume: '77' });
        }
        // Time goes on with a trade a minute: late candles become visible, holes heal.
        const settledBy = n + 12;
        for (; n < settledBy; n += 1) {
          exchange.trade(n);
          exchange.clockSeconds = (n + 1) * 60 + 6;
          await collect();
        }
        for (let gaps = await readGaps(db, BTC, '1m'); gaps.length > 0; gaps = await readGaps(db, BTC, '1m'))
          await collect();

        const rows = (await readCandles(db, { ...where, limit: 10_000 })).reverse();
        const first = rows[0] === undefined ? n : (rows[0].ts.getTime() - minute(0)) / 60_000;
        expect(rows.map((row) => [row.ts.getTime(), row.close, row.volume])).toEqual(
          exchange.truth(first, n).map((candle) => [candle.ts, candle.close, candle.volume]),
        );
      }),
      { numRuns: 25 },
    );
  });
});
