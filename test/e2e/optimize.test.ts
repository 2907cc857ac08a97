import { MockActivityEnvironment } from '@temporalio/testing';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { openSearchThread } from '../../activities/optimization/search-thread.ts';
import { createOptimizationActivities, type WeightsFound } from '../../activities/optimization.ts';
import { type RunningInstance, readRunningInstance } from '../../cli/up/instance-file.ts';
import { parseMarket } from '../../config/market.ts';
import { connectDatabase, type Db } from '../../db/connect.ts';
import { type Decision, readDecisions } from '../../db/decisions.ts';
import { type OptimizerResult, readResults } from '../../db/optimizer-results.ts';
import { type CloseInstant, learnCloseInstants } from '../bench/market-time.ts';
import { MINUTE } from '../support/candles.ts';
import { openBotFolder } from '../support/running-bot.ts';
import { type RunningSearch, watchSearch } from '../support/running-search.ts';
import { storeHistory } from '../support/stored-history.ts';
import { temporalAddress } from '../support/temporal.ts';

beforeAll(() => {
  // Only to fail with the right words where there is no Temporal binary.
  temporalAddress();
});

const MARKET = parseMarket('KRW-BTC');
/** A candle in four seconds: a search spans several, and with other tests beside there is still time to decide. */
const SPEED = 15;
/** Candles a search decides on: seconds of work, so that a quarter of it is a moment one can hit. */
const WINDOW = 60_000;

interface WatchedBot {
  readonly instance: RunningInstance;
  readonly db: Db;
  readonly closesAt: CloseInstant;
  /** Every decision, oldest first. */
  decided(): Promise<readonly Decision[]>;
}

async function watchBot(dataDir: string): Promise<WatchedBot> {
  await expect.poll(() => readRunningInstance(dataDir)?.state, { timeout: 90_000, interval: 100 }).toBe('ready');
  const instance = readRunningInstance(dataDir) as RunningInstance;
  const db = connectDatabase(instance.databaseUrl, { applicationName: 'test' });
  onTestFinished(() => db.destroy());
  return {
    ...{ instance, db },
    closesAt: await learnCloseInstants({ url: instance.exchangeUrl, speed: SPEED, market: MARKET }),
    decided: async () => (await readDecisions(db, { account: instance.account ?? '', limit: 1_000 })).toReversed(),
  };
}

/**
 * Lets a process have a fifth of the time. Trying candidates takes half a second here, and heartbeats reach the server
 * once a second: slowed down, the moment between the first candidate and the last can be hit.
 */
function slowDown(pid: number): () => void {
  process.kill(pid, 'SIGSTOP');
  let stopped = true;
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
    const stop = ticks % 5 !== 0;
    if (stop !== stopped) process.kill(pid, stop ? 'SIGSTOP' : 'SIGCONT');
    stopped = stop;
  }, 40);
  return () => clearInterval(timer);
}

/** The same search again, by nobody disturbed. */
async function searchAgain(db: Db, row: OptimizerResult): Promise<WeightsFound> {
  const { initial_cash, aggressiveness, fee_rate, fee_buffer } = row.costs as Record<string, string>;
  if (!initial_cash || !aggressiveness || !fee_rate || !fee_buffer) throw new Error('costs are missing');
  const steps = createOptimizationActivities({
    ...{ db, promotion: 'off', mostDecided: WINDOW, threads: 1 },
    terms: { initialCash: initial_cash, aggressiveness, feeRate: fee_rate, feeBuffer: fee_buffer },
    openThread: () => openSearchThread(new URL('../../workers/search-thread.ts', import.meta.url)),
  });
  const { window_from: from, window_until: until, candles } = row;
  const asked = { market: MARKET, timeframe: '1m' } as const;
  const window = { from: from.getTime(), until: until.getTime(), candles, gapBefore: null };
  const search = new MockActivityEnvironment().run(steps.searchWeights, { ...asked, window });
  return (await search) as WeightsFound;
}

it('a search killed midway goes on where it stopped, is recorded once and traded on, and most decisions are in time', {
  timeout: 300_000,
}, async () => {
  const bot = await openBotFolder();
  onTestFinished(() => bot.remove());
  const file = await storeHistory(bot.dataDir, { market: MARKET, seed: 3, stored: WINDOW + 100, more: 400 });
  const up = ['up', '--feed', 'replay', '--replay', file, '--speed', String(SPEED), '--json'];
  const { child, finished } = bot.start(up, { OPTIMIZER_WINDOW: String(WINDOW) });
  onTestFinished(() => void child.kill('SIGTERM'));
  const { instance, db, closesAt, decided } = await watchBot(bot.dataDir);
  await expect.poll(async () => (await decided()).length, { timeout: 30_000, interval: 100 }).toBeGreaterThan(1);

  const search = await watchSearch(instance);
  onTestFinished(() => search.close());
  const killed = bot.pidOf('optimizer');
  // Before it begins: a fast machine may end the search before anybody has looked.
  const asBefore = slowDown(killed);
  onTestFinished(asBefore);
  const triggeredAt = Date.now();
  expect(await bot.run(['trigger', 'optimize', '--market', MARKET])).toMatchObject({ code: 0 });
  // Voting on every candle, most of the work, comes before the first candidate.
  const quarter = await search.until(({ told }) => told.done.length >= told.chunks / 4);
  asBefore();
  process.kill(killed, 'SIGKILL');
  const killedAt = Date.now();
  const seen: RunningSearch[] = [];
  await expect
    .poll(
      async () => {
        const now = await search.running();
        if (now !== undefined) seen.push(now);
        return readResults(db, { limit: 9 });
      },
      { timeout: 90_000, interval: 50 },
    )
    .toHaveLength(1);
  const recordedAt = Date.now();
  const [row] = await readResults(db, { limit: 9 });
  if (row === undefined) throw new Error('no result');

  // It had got somewhere, and the next attempt, in another process, never fell behind that.
  const { attempt, found } = await search.ended();
  expect([quarter.attempt, attempt]).toEqual([1, 2]);
  expect(bot.pidOf('optimizer')).not.toBe(killed);
  expect(found.takenOver).toBeGreaterThanOrEqual(quarter.told.done.length);
  expect(found.takenOver).toBeLessThan(found.chunks);
  expect(Math.min(...seen.map(({ told }) => told.done.length))).toBeGreaterThanOrEqual(quarter.told.done.length);

  // Traded on from the next decision: weights and threshold.
  const next = async () => (await decided()).at(-1);
  await expect.poll(async () => (await next())?.optimizer_result, { timeout: 10_000, interval: 100 }).toBe(row.id);
  const { weights, threshold } = row.params;
  const decision = await next();
  expect(decision).toMatchObject({ weights });
  expect(Number(decision?.threshold)).toBe(Number(threshold));

  const listed = await bot.run(['decisions', '--limit', '1']);
  expect(listed.stdout).toMatch(new RegExp(`RESULT.*\\n.* ${row.id} `));

  const again = await searchAgain(db, row);
  expect(again.takenOver).toBe(0);
  expect({ ...again, takenOver: found.takenOver }).toEqual(found);
  expect(row).toMatchObject({
    ...{ candidates: 30_030, decided: WINDOW, metrics: again.metrics },
    params: { weights: again.weights, threshold: again.threshold },
  });

  // Each candle got its decision. On a machine kept busy by other tests most of them in time; docs/benchmarks.md has the
  // figures of a quiet one.
  const all = await decided();
  const first = all[0]?.candle.getTime() ?? Number.NaN;
  expect(all.map(({ candle }) => candle.getTime())).toEqual(all.map((_, n) => first + n * MINUTE));
  const closed = ({ candle }: Decision) => closesAt(candle.getTime());
  const meanwhile = all.filter((one) => closed(one) >= triggeredAt && closed(one) < recordedAt);
  const inTime = meanwhile.filter(({ action }) => action !== 'stale' && action !== 'blocked');
  const waits = inTime.map((one) => one.decided_at.getTime() - closed(one));
  console.log(
    `while it searched ${inTime.length} of ${meanwhile.length} in time, ms after the close: ${waits.join(' ')}`,
  );
  expect(meanwhile.length).toBeGreaterThan(2);
  expect(inTime.length / meanwhile.length).toBeGreaterThan(0.5);
  expect(inTime.some((one) => closed(one) < killedAt)).toBe(true);
  expect(inTime.some((one) => closed(one) > killedAt)).toBe(true);

  expect(await readResults(db, { limit: 9 })).toHaveLength(1);
  child.kill('SIGTERM');
  expect((await finished).code).toBe(0);
});
