import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { MockActivityEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SearchJob } from '../../../activities/optimization/search-job.ts';
import { openSearchThread, type SearchThread } from '../../../activities/optimization/search-thread.ts';
import {
  createOptimizationActivities,
  type OptimizationDependencies,
  type WeightsFound,
} from '../../../activities/optimization.ts';
import { type Market, parseMarket } from '../../../config/market.ts';
import { upsertCandles } from '../../../db/candles.ts';
import type { Db } from '../../../db/connect.ts';
import { readResults } from '../../../db/optimizer-results.ts';
import { insertPromotion, readWeightsInForce, whileChoosing } from '../../../db/promotions.ts';
import { DEFAULT_ENSEMBLE, ensembleText } from '../../../strategy/ensemble.ts';
import { DEFAULT_SIZING } from '../../../strategy/sizing.ts';
import { MINUTE, minute } from '../../support/candles.ts';
import { createLedgerDatabase } from '../../support/ledger.ts';
import { randomBars } from '../../support/random-bars.ts';

const THREAD = new URL('../../../workers/search-thread.ts', import.meta.url);
const TERMS = { ...DEFAULT_SIZING, aggressiveness: '0', feeRate: '0', initialCash: '10000000' };
const SMALL = { weightStep: 2_500, thresholds: [1_000, 3_000, 5_000] };

let db: Db;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, close } = await createLedgerDatabase());
});
afterAll(() => close());

let market: Market;
let made = 0;
beforeEach(() => {
  made += 1;
  market = parseMarket(`KRW-OPT${made}`);
});

const asked = () => ({ market, timeframe: '1m' }) as const;
const account = 'paper-test';

/** `count` minutes collected, the first of them the `from`-th; `without` had no trade. */
async function collect(count: number, from = 0, without: readonly number[] = []): Promise<void> {
  const bars = randomBars(from + count, 11).slice(from);
  const candles = bars.map((bar) => ({ ...bar, quoteVolume: '1' })).filter((_, n) => !without.includes(from + n));
  await upsertCandles(db, market, '1m', { candles, settled: [{ from: minute(from), until: minute(from + count) }] });
}

function activities(changes: Partial<OptimizationDependencies> = {}) {
  return createOptimizationActivities({
    db,
    terms: TERMS,
    promotion: 'in-sample',
    mostDecided: 1_000,
    threads: 1,
    openThread: () => openSearchThread(THREAD),
    space: SMALL,
    ...changes,
  });
}

/** One attempt of `searchWeights`, with what the attempt before reported last. */
async function attempt(steps: ReturnType<typeof activities>, environment = new MockActivityEnvironment()) {
  const loaded = await steps.loadCloses(asked());
  if (loaded.kind !== 'window') throw new Error(loaded.kind);
  return (await environment.run(steps.searchWeights, { ...asked(), window: loaded.window })) as WeightsFound;
}

async function searchedAndRecorded(steps = activities()): Promise<string> {
  return steps.recordResult({ ...asked(), found: await attempt(steps) });
}

describe('the window that is searched', () => {
  it('is the newest stretch without a gap, and says what cut it short and how many minutes had no trade', async () => {
    await collect(50);
    await collect(400, 60, [100, 101]);

    expect(await activities().loadCloses(asked())).toEqual({
      kind: 'window',
      window: {
        from: minute(60),
        until: minute(460),
        candles: 398,
        gapBefore: { from: minute(50), until: minute(60) },
      },
      recorded: null,
    });
    const id = await searchedAndRecorded();
    const [row] = await readResults(db, { market, limit: 1 });
    expect(row).toMatchObject({ id, candles: 398, decided: 199, empty_minutes: 2, is_best: true, out_of_sample: null });
    expect(row?.costs).toEqual({ fee_rate: '0', aggressiveness: '0', initial_cash: '10000000', fee_buffer: '0.0005' });
    expect(row?.gap_before).toContain('2025-03-01 00:50:00');
  });

  it.each([
    [1_000, 1_199],
    [100, 299],
  ])(
    'is at most %i decisions long where so many are set, with a whole window before the first',
    async (most, candles) => {
      await collect(1_300);
      const loaded = await activities({ mostDecided: most }).loadCloses(asked());
      expect(loaded).toMatchObject({
        window: { from: minute(1_300 - candles), until: minute(1_300), candles, gapBefore: null },
      });
    },
  );

  it.each([0, 298])('is none with %i candles: fewer than a hundred decisions say nothing', async (count) => {
    if (count > 0) await collect(count);
    expect(await activities().loadCloses(asked())).toEqual({ kind: 'too-few-candles', candles: count, needed: 299 });
  });

  it('is refused when the exchange took part of it back before it was read', async () => {
    await collect(400);
    const steps = activities();
    const loaded = await steps.loadCloses(asked());
    await upsertCandles(db, market, '1m', {
      candles: [],
      settled: [],
      unsettled: [{ from: minute(200), until: minute(201) }],
    });
    if (loaded.kind !== 'window') throw new Error(loaded.kind);

    const search = new MockActivityEnvironment().run(steps.searchWeights, { ...asked(), window: loaded.window });
    await expect(search).rejects.toThrow('not every minute');
  });
});

describe('a search', () => {
  beforeEach(() => collect(500));

  it('finds the same with one thread and with three', async () => {
    const one = await attempt(activities({ threads: 1 }));
    const three = await attempt(activities({ threads: 3 }));

    expect(three).toEqual(one);
    expect(one.metrics.num_trades).toBeGreaterThan(0);
    expect(one.candidates).toBe(378);
  });

  it('of a killed worker goes on from its last report, finds the same, and is recorded once', async () => {
    const whole = await attempt(activities());
    const chunks: number[] = [];
    const noted = () => noting(openSearchThread(THREAD), chunks);
    await attempt(activities({ openThread: noted }));
    const all = chunks.splice(0).length;

    const killed = new MockActivityEnvironment();
    let reported: { readonly done: readonly number[] } | undefined;
    killed.on('heartbeat', (details) => {
      reported ??= details;
      if (details.done.length === 2) {
        reported = details;
        killed.cancel();
      }
    });
    await expect(attempt(activities({ openThread: noted }), killed)).rejects.toThrow();
    expect(reported?.done).toEqual([0, 1]);
    chunks.splice(0);

    const next = new MockActivityEnvironment({ heartbeatDetails: JSON.parse(JSON.stringify(reported)) });
    const resumed = await attempt(activities({ openThread: noted }), next);

    expect(chunks).toEqual(Array.from({ length: all - 2 }, (_, n) => n + 2));
    expect(resumed).toEqual({ ...whole, takenOver: 2 });
    const steps = activities();
    const ids = await Promise.all([1, 2, 3].map(() => steps.recordResult({ ...asked(), found: resumed })));
    expect(new Set(ids).size).toBe(1);
    expect(await readResults(db, { market, limit: 9 })).toHaveLength(1);
    expect(await steps.loadCloses(asked())).toMatchObject({ recorded: ids[0] });
  });

  it('takes no progress over that was made on other candles', async () => {
    const whole = await attempt(activities());
    const wrong = {
      fingerprint: 'another',
      chunks: 99,
      done: [0, 1, 2],
      best: { candidate: 0, finalEquity: '9'.repeat(40), roundTrips: 0 },
    };
    expect(await attempt(activities(), new MockActivityEnvironment({ heartbeatDetails: wrong }))).toEqual(whole);
  });

  it.runIf(existsSync('/proc/self/task'))('runs at the lowest priority: whoever trades goes first', async () => {
    const thread = openSearchThread(THREAD);
    await thread.plan(someJob());
    const priorities = readdirSync('/proc/self/task').map((id) => {
      const [, afterName = ''] = readFileSync(`/proc/self/task/${id}/stat`, 'utf8').split(') ');
      return Number(afterName.split(' ')[16]);
    });
    await thread.close();
    expect(priorities.filter((nice) => nice === 19)).toHaveLength(1);
  });

  it('leaves the worker free: its timers come on time while a thread is searching', async () => {
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    await attempt(activities({ space: { weightStep: 1_000, thresholds: SMALL.thresholds } }));
    clearInterval(timer);
    expect(longest).toBeLessThan(300);
  });
});

describe('promoting', () => {
  const promote = (steps: ReturnType<typeof activities>, result: string, whose = account) =>
    steps.promote({ account: whose, ...asked(), result });
  const inForce = (whose = account) => readWeightsInForce(db, { account: whose, ...asked() });

  beforeEach(() => collect(500));

  it('in sample puts the best into force, weights and threshold, once', async () => {
    const id = await searchedAndRecorded();
    const [row] = await readResults(db, { market, limit: 1 });
    const answers = await Promise.all([1, 2, 3].map(() => promote(activities(), id)));

    expect(answers.map(({ kind }) => kind)).toEqual(['promoted', 'promoted', 'promoted']);
    expect(answers.filter(({ before }) => before)).toHaveLength(2);
    const chosen = await inForce();
    expect(chosen.result).toBe(id);
    expect(ensembleText(chosen.ensemble)).toEqual(row?.params);
    const { rows } = await sql`SELECT FROM promotions WHERE market = ${market}`.execute(db);
    expect(rows).toHaveLength(1);
  });

  it.each([
    ['with PROMOTION=off', account, { promotion: 'off' as const }, 'PROMOTION is off'],
    ['for live money', 'live-3f9a01c2', {}, 'holds no paper money'],
    ['for shadow money', 'shadow-3f9a01c2', {}, 'holds no paper money'],
  ])('%s puts nothing into force', async (_, whose, changes, why) => {
    const steps = activities(changes);
    const answer = await promote(steps, await searchedAndRecorded(steps), whose);

    expect(answer).toEqual({ kind: 'recorded', reason: expect.stringContaining(why) });
    expect(await inForce(whose)).toEqual({ ensemble: DEFAULT_ENSEMBLE, result: null });
  });

  it('of what only lost says that doing nothing would have been better', async () => {
    const dear = activities({ terms: { ...TERMS, feeRate: '0.01' } });
    const found = await attempt(dear);
    expect(found.metrics).toMatchObject({ total_return: expect.any(Number), doing_nothing_return: 0 });
    expect(found.metrics.total_return).toBeLessThan(0);
    expect(found.metrics.num_trades).toBeGreaterThan(0);
    expect(await promote(dear, await dear.recordResult({ ...asked(), found }))).toEqual({
      kind: 'promoted',
      reason: expect.stringContaining('; doing nothing would have been better'),
    });
  });

  it('of what never bought and sold again puts nothing into force', async () => {
    const steps = activities();
    const found = await attempt(steps);
    const idle = { ...found, metrics: { ...found.metrics, num_trades: 0, total_return: 0 } };
    const id = await steps.recordResult({ ...asked(), found: idle });

    expect(await promote(steps, id)).toEqual({ kind: 'recorded', reason: 'no candidate bought and sold again' });
    expect((await inForce()).result).toBeNull();
  });

  it('for one account leaves every other alone', async () => {
    await promote(activities(), await searchedAndRecorded());
    expect(await inForce('live-3f9a01c2')).toEqual({ ensemble: DEFAULT_ENSEMBLE, result: null });
  });

  it('leaves an operator’s choice alone until it is handed back', async () => {
    const traded = { account, ...asked() };
    const choose = (chosen_by: 'operator' | 'handed-back') =>
      whileChoosing(db, traded, (trx) =>
        insertPromotion(trx, traded, { optimizer_result: null, chosen_by, reason: 'test' }),
      );
    await choose('operator');
    const id = await searchedAndRecorded();

    expect(await promote(activities(), id)).toMatchObject({
      kind: 'recorded',
      reason: expect.stringContaining('weights auto'),
    });
    expect((await inForce()).result).toBeNull();
    await choose('handed-back');
    expect(await promote(activities(), id)).toMatchObject({ kind: 'promoted' });
    expect((await inForce()).result).toBe(id);
  });

  it('never goes back to what was found on older candles', async () => {
    const older = await searchedAndRecorded();
    await collect(60, 500);
    const newer = await searchedAndRecorded();
    await promote(activities(), newer);

    expect(newer).not.toBe(older);
    expect(await promote(activities(), older)).toMatchObject({ kind: 'recorded' });
    expect((await inForce()).result).toBe(newer);
  });

  it('what is in force already changes nothing', async () => {
    const first = await searchedAndRecorded();
    await promote(activities(), first);
    const { params } = (await readResults(db, { market, limit: 1 }))[0] ?? {};
    const steps = activities();
    await collect(1, 500);
    const found = await attempt(steps);
    const again = await steps.recordResult({ ...asked(), found: { ...found, ...params } as WeightsFound });

    expect(await promote(steps, again)).toMatchObject({ kind: 'unchanged' });
    expect((await inForce()).result).toBe(first);
    expect(found.window.until - minute(500)).toBe(MINUTE);
  });
});

function someJob(): SearchJob {
  return { bars: randomBars(300, 1), decidedFrom: 199, terms: TERMS, space: SMALL };
}

function noting(thread: SearchThread, chunks: number[]): SearchThread {
  return {
    ...thread,
    chunk: (chunk) => {
      chunks.push(chunk);
      return thread.chunk(chunk);
    },
  };
}
