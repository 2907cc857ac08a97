import { sql } from 'kysely';
import { Client } from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { awaitCandle } from '../../../activities/trading/await-candle.ts';
import { pollOnce } from '../../../activities/trading/order-fills.ts';
import { createTradingActivities } from '../../../activities/trading.ts';
import { readComparisonProgress } from '../../../db/account-comparisons.ts';
import { candleExists } from '../../../db/candle-window.ts';
import { AmbiguousSubmission } from '../../../exchange/errors.ts';
import { createExchangeClock } from '../../../exchange/exchange-clock.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const { account, market, timeframe } = TRADED;
const OFF_MS = 90_000;

/** Clocks that say something else than it is; the exchange's is right. */
interface WrongClocks {
  readonly workerMs: number;
  readonly databaseMs: number;
}

afterEach(() => {
  vi.useRealTimers();
});

/** The worker's clock goes on from a wrong time. */
function setWorker(ms: number): void {
  const now = performance.timeOrigin + performance.now() + ms;
  vi.useFakeTimers({ toFake: ['Date'], now, shouldAdvanceTime: true, advanceTimeDelta: 10 });
}

/**
 * PostgreSQL takes no other clock than the machine's. Functions of the same names in a schema that is searched before its
 * own stand in for it, in every statement, trigger and default of ours.
 */
async function giveWrongClock(url: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query(`
      CREATE TABLE clock_error (ms double precision NOT NULL);
      INSERT INTO clock_error VALUES (0);
      CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
        $$ SELECT pg_catalog.clock_timestamp() + ms * interval '1 millisecond' FROM public.clock_error $$;
      CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql STABLE AS
        $$ SELECT pg_catalog.now() + ms * interval '1 millisecond' FROM public.clock_error $$;
      DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$`);
  } finally {
    await client.end();
  }
}

async function setDatabase({ db }: TradingScene, ms: number): Promise<void> {
  await sql`UPDATE clock_error SET ms = ${ms}`.execute(db);
}

const openScene = () => openTradingScene('4000000', { prepareDatabase: giveWrongClock });

/** As if the last request for the order had gone out `ms` ago, by the clock that said so. */
async function sentAgo({ db }: TradingScene, identifier: string, ms: number): Promise<void> {
  await sql`UPDATE orders SET sending_at = clock_timestamp() - ${ms} * interval '1 millisecond'
    WHERE identifier = ${identifier}`.execute(db);
}

/**
 * Some candles of a bot's life: orders that fill, whose answer is lost, that never arrive and are looked for until they
 * are given up, a purchase by hand, a run that comes late, a comparison.
 *
 * @param tick called between the steps, which may set clocks
 */
async function live(scene: TradingScene, tick: () => Promise<void> = async () => undefined) {
  const { deps } = scene;
  const steps = createTradingActivities(deps);
  const said: unknown[] = [];
  const say = async (what: string, answer: Promise<unknown>): Promise<void> => {
    said.push([what, await answer.catch((error: Error) => error.message)]);
    await tick();
  };
  const lost = (identifier: string) => new AmbiguousSubmission(identifier, 'the answer was lost');
  await say('compared', steps.compareAccount({ account, force: true }));

  const filled = await scene.decideUntilOrder();
  said.push(filled);
  scene.breakNext('createOrder', 'after', lost(filled.identifier));
  await say('placed', steps.placeOrder(filled));
  await say('placed again', steps.placeOrder(filled));
  await say('polled', steps.pollOrderFills({ identifier: filled.identifier, until: filled.deadline }));
  await say('by hand', byHand(scene));
  await say('compared', steps.compareAccount({ account, force: true }));
  scene.pass(1_000);

  const nowhere = await scene.decideUntilOrder();
  said.push(nowhere);
  scene.breakNext('createOrder', 'before', lost(nowhere.identifier));
  await say('not arrived', steps.placeOrder(nowhere));
  scene.pass(1_000);
  await scene.exchange.fetchBalances();
  await sentAgo(scene, nowhere.identifier, 4_000);
  await say('too early', steps.settleOrders({ account }));
  await tick();
  await sentAgo(scene, nowhere.identifier, 6_000);
  await say('settled', steps.settleOrders({ account }));

  // A run that comes 0.6 of a candle after the close, the candle being stored.
  await scene.decide();
  scene.pass(1_600);
  await scene.exchange.fetchBalances();
  await say('came late', steps.decide({ ...TRADED, exchangeFreeKrw: '4000000' }));
  // A minute may have no trade, and then no candle: among several there are some that nobody decided on.
  scene.pass(4_000);
  await scene.collect();
  await say('stale', steps.recordStale({ account, timeframe }));
  await say('compared', steps.compareAccount({ account, force: true }));
  return { said, stored: await stored(scene) };
}

async function byHand({ exchange }: TradingScene): Promise<string> {
  const bought = { market, identifier: 'by-hand', type: 'market', side: 'bid', spendKrw: '100000' } as const;
  return (await exchange.createOrder(bought)).state;
}

/** What the ledger holds, without what only says when something was written down. */
async function stored({ db }: TradingScene): Promise<Record<string, readonly unknown[]>> {
  const tables = {
    decisions: sql`SELECT candle, action, reason, trigger FROM decisions ORDER BY candle`,
    orders: sql`SELECT identifier, leg, side, price, quantity, request, deadline, status, status_reason,
      executed_quantity, reserved_cash, reserved_quantity FROM orders ORDER BY identifier`,
    trades: sql`SELECT price, quantity, funds, fee, executed_at FROM trades ORDER BY id`,
    differences: sql`SELECT currency, amount, cause FROM account_differences ORDER BY id`,
    foreign: sql`SELECT identifier, state, executed_quantity FROM foreign_orders ORDER BY identifier`,
    accounts: sql`SELECT cash, quantity, reserved_cash, reserved_quantity, cost FROM market_accounts`,
  };
  const read = Object.entries(tables).map(async ([name, query]) => [name, (await query.execute(db)).rows] as const);
  return Object.fromEntries(await Promise.all(read));
}

describe('every decision, order and deadline is that of a bot whose clocks are right', () => {
  /** Of the first run, whose clocks are right. */
  let undisturbed: unknown;

  it.each<readonly [string, WrongClocks]>([
    ['right', { workerMs: 0, databaseMs: 0 }],
    ['the worker’s 90 s ahead', { workerMs: OFF_MS, databaseMs: 0 }],
    ['the worker’s 90 s behind', { workerMs: -OFF_MS, databaseMs: 0 }],
    ['the database’s 90 s ahead', { workerMs: 0, databaseMs: OFF_MS }],
    ['the database’s 90 s behind', { workerMs: 0, databaseMs: -OFF_MS }],
    ['wrong both, in opposite ways', { workerMs: OFF_MS, databaseMs: -OFF_MS }],
  ])('being %s', { timeout: 30_000 }, async (name, { workerMs, databaseMs }) => {
    const scene = await openScene();
    if (workerMs !== 0) setWorker(workerMs);
    scene.setWall(workerMs);
    await setDatabase(scene, databaseMs);
    const { rows } = await sql<{ off: number }>`
      SELECT (extract(epoch FROM clock_timestamp() - pg_catalog.clock_timestamp()) * 1000)::float8 AS off`.execute(
      scene.db,
    );
    expect(rows[0]?.off).toBeCloseTo(databaseMs, -2);

    const lived = await live(scene);

    if (name === 'right') {
      undisturbed = lived;
      const { orders, decisions, foreign } = lived.stored;
      expect(orders).toMatchObject([{ status: 'filled' }, { status: 'unknown' }]);
      expect(decisions).toContainEqual(expect.objectContaining({ action: 'stale' }));
      expect(foreign).toMatchObject([{ identifier: 'by-hand', state: 'cancel' }]);
    }
    expect(lived).toEqual(undisturbed);
  });

  it('being set by 90 s ahead and back between any two steps', { timeout: 30_000 }, async () => {
    const scene = await openScene();
    let turn = 0;
    const lived = await live(scene, async () => {
      turn += 1;
      const ms = [OFF_MS, 0, -OFF_MS, OFF_MS, -OFF_MS][turn % 5] as number;
      vi.useRealTimers();
      setWorker(ms);
      scene.setWall(ms);
      await setDatabase(scene, -ms);
    });
    expect(lived).toEqual(undisturbed);
  });
});

it('the exchange’s clock is carried on by one that nobody sets', () => {
  const clock = createExchangeClock(1);
  clock.ask()(1_000_000);
  const before = clock.now() ?? 0;
  setWorker(OFF_MS);
  expect((clock.now() ?? 0) - before).toBeLessThan(1_000);
});

it('a fill whose time the exchange does not tell takes the exchange’s, whatever ours says', async () => {
  const scene = await openScene();
  const { identifier } = await scene.decideUntilOrder();
  const steps = createTradingActivities(scene.deps);
  await steps.placeOrder({ identifier });
  const shown = await scene.exchange.fetchOrder({ identifier });
  const untimed = shown?.fills.map(({ executedAt: _, ...fill }) => fill);
  scene.answerNext('fetchOrder', { ...shown, fills: untimed });
  setWorker(OFF_MS);

  await pollOnce(scene.deps, identifier);

  const { rows } = await sql<{ at: Date }>`SELECT executed_at AS at FROM trades`.execute(scene.db);
  expect(rows.length).toBeGreaterThan(0);
  for (const { at } of rows) expect(Math.abs(at.getTime() - (scene.deps.clock.now() ?? 0))).toBeLessThan(60_000);
});

it('a comparison is due when the database’s clock was set back since the last one', async () => {
  const scene = await openScene();
  const steps = createTradingActivities(scene.deps);
  await steps.compareAccount({ account, force: true });
  expect(await steps.compareAccount({ account, force: false })).toMatchObject({ skipped: 'compared a moment ago' });

  await setDatabase(scene, -OFF_MS);

  expect((await readComparisonProgress(scene.db, account)).comparedAgoMs).toBeUndefined();
  expect(await steps.compareAccount({ account, force: false })).toMatchObject({ skipped: null });
});

it('a run that slept while it waited for its candle decides nothing on it', async () => {
  const scene = await openScene();
  await scene.decide();
  // Shortly before a close, which the machine sleeps through.
  scene.pass(800);
  const candle = Math.floor((scene.deps.clock.now() ?? 0) / 60_000) * 60_000;
  const candles: typeof scene.deps.candles = {
    async next() {
      scene.sleep(10_000);
      await scene.collect();
    },
    close: async () => undefined,
  };

  const awaited = await awaitCandle({ ...scene.deps, leadMs: 300, candles }, TRADED);

  expect(await candleExists(scene.db, market, timeframe, candle)).toBe(true);
  expect(awaited ?? Number.POSITIVE_INFINITY).toBeGreaterThan(candle);
});

describe('a run that Temporal starts late', () => {
  it.each([0, OFF_MS, -OFF_MS])('decides nothing, and its candle is stale, the worker %i ms off', async (workerMs) => {
    const scene = await openScene();
    const steps = createTradingActivities(scene.deps);
    await scene.decide();
    scene.pass(1_000);
    // The candle is there; only the run is not.
    await scene.collect();
    const candle = Math.floor((scene.deps.clock.now() ?? 0) / 60_000) * 60_000 - 60_000;
    setWorker(workerMs);
    // By Temporal's clock it may be the very second of the close.
    scene.pass(500);

    expect(await awaitCandle(scene.deps, TRADED)).toBeUndefined();
    expect(await steps.decide({ ...TRADED, exchangeFreeKrw: '4000000' })).toEqual({ kind: 'no-candle' });

    scene.pass(500);
    await scene.decide();
    scene.pass(1_000);
    await scene.decide();
    await steps.recordStale({ account, timeframe });
    const { rows } = await sql<{ action: string }>`
      SELECT action FROM decisions WHERE candle = ${new Date(candle)}`.execute(scene.db);
    expect(rows).toEqual([{ action: 'stale' }]);
  });
});
