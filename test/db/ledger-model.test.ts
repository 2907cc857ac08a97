import fc from 'fast-check';
import { afterAll, expect, it, vi } from 'vitest';
import { allocate } from '../../db/cash-flows.ts';
import { ensureMarketAccounts } from '../../db/first-start.ts';
import { ACCOUNT, compareNow, finishHistory, histories, MARKETS, useClock, World } from '../model/commands.ts';
import { openModelDatabase } from '../model/database.ts';

// A comparison waits a moment between two readings; here time passes only where a history says so.
vi.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));

/** Of these, half begin from a seed that is always the same, half from one that never is. */
const HISTORIES = Number(process.env.MODEL_HISTORIES ?? 100);
/** On a busy machine fewer of them, instead of a test that takes minutes; all that were asked for by number. */
const LIMIT = process.env.MODEL_HISTORIES === undefined ? { interruptAfterTimeLimit: 6_000 } : {};
/** Runs the one history that failed again: what a failure prints as `seed`, `path` and `replayPath`. */
const { MODEL_SEED: seed, MODEL_PATH: path, MODEL_REPLAY: replayPath } = process.env;
const seeds = seed === undefined ? [20_261_122, Math.trunc(Math.random() * 2 ** 31)] : [Number(seed)];

const database = await openModelDatabase();
useClock((now) => vi.setSystemTime(now));
const met = new Map<string, number>();
let made = 0;
const began = performance.now();

afterAll(async () => {
  vi.useRealTimers();
  await database.close();
  const seconds = Math.round((performance.now() - began) / 1_000);
  const most = Object.fromEntries([...met].sort(([, a], [, b]) => b - a));
  console.log(`${made} histories from seeds ${seeds.join(' and ')} in ${seconds} s, in which:`, most);
});

async function begin(): Promise<World> {
  const world = new World((what) => met.set(what, (met.get(what) ?? 0) + 1));
  vi.setSystemTime(world.now);
  await database.restart();
  await database.empty();
  await ensureMarketAccounts(database.db, ACCOUNT, MARKETS, '0');
  for (const market of MARKETS) {
    await allocate(database.db, { account: ACCOUNT, market, cash: '15000', note: 'test' });
  }
  await compareNow(world, database);
  return world;
}

function check(count: number, from: number): Promise<void> {
  const property = fc.asyncProperty(histories(replayPath === undefined ? {} : { replayPath }), async (commands) => {
    made += 1;
    const world = await begin();
    await fc.asyncModelRun(() => ({ model: world, real: database }), commands);
    await finishHistory(world, database);
  });
  return fc.assert(property, { numRuns: count, seed: from, ...LIMIT, ...(path === undefined ? {} : { path }) });
}

it.for(seeds)(
  'after any history the bot is where a simple model says, seed %i',
  { timeout: 7_200_000 },
  async (from) => {
    expect(Number.isSafeInteger(HISTORIES)).toBe(true);
    await check(Math.ceil(HISTORIES / seeds.length), from);
  },
);
