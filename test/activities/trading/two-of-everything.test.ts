import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { decideOnce } from '../../../activities/trading/decide.ts';
import type { TradingDependencies } from '../../../activities/trading/dependencies.ts';
import { createTradingActivities } from '../../../activities/trading.ts';
import { checkOtherBots } from '../../../cli/doctor/other-bots.ts';
import { allocate, ReferenceTaken } from '../../../db/cash-flows.ts';
import { classifyForeignOrder, readForeignOrders } from '../../../db/foreign-orders.ts';
import { rebuildLedger } from '../../../db/ledger-rebuild.ts';
import { readMarketAccounts } from '../../../db/market-accounts.ts';
import { requireOrder } from '../../../db/orders.ts';
import { haltTrading, readTradingState, resumeTrading } from '../../../db/trading-state.ts';
import { AmbiguousSubmission } from '../../../exchange/errors.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const { account, market, timeframe } = TRADED;

/** Both at once; what one throws is what Temporal would try again. */
async function both<T>(
  workers: readonly TradingDependencies[],
  step: (steps: ReturnType<typeof createTradingActivities>) => Promise<T>,
): Promise<readonly T[]> {
  const attempts = await Promise.allSettled(workers.map((deps) => step(createTradingActivities(deps))));
  return attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
}

async function rows<T>({ db }: TradingScene, query: ReturnType<typeof sql<T>>): Promise<readonly T[]> {
  return (await query.execute(db)).rows;
}

/** What the exchange holds under identifiers of this bot, and what the ledger does. */
async function ordersOnBothSides(scene: TradingScene) {
  const now = Math.floor(scene.deps.clock.now() ?? 0);
  const there = await scene.exchange.fetchClosedOrders({ from: now - 86_400_000, until: now + 1_000 });
  const booked = await rows<{ identifier: string; executed: string }>(
    scene,
    sql`SELECT identifier, executed_quantity AS executed FROM orders WHERE executed_quantity > 0 ORDER BY identifier`,
  );
  const own = there.filter(({ identifier }) => identifier?.startsWith('testbot1-'));
  return { there: own.map(({ identifier }) => identifier).sort(), booked: booked.map(({ identifier }) => identifier) };
}

async function trade(scene: TradingScene): Promise<string> {
  const { identifier, deadline } = await scene.decideUntilOrder();
  const steps = createTradingActivities(scene.deps);
  await steps.placeOrder({ identifier });
  await steps.pollOrderFills({ identifier, until: deadline });
  return identifier;
}

describe('two workers of one bot', () => {
  it('that take the same step at the same time decide once, order once and book once', {
    timeout: 60_000,
  }, async () => {
    const scene = await openTradingScene();
    const workers = [scene.deps, scene.secondWorker()];
    let orders = 0;
    for (let candle = 0; candle < 60 && orders < 5; candle += 1) {
      await scene.collect();
      // Each learns the time from answers of its own.
      const [free = '0'] = await both(workers, async (steps) => (await steps.fetchBalances())[0]?.free ?? '0');
      const closed = Math.floor((scene.deps.clock.now() ?? 0) / 60_000) * 60_000 - 60_000;
      const decided = await Promise.all(workers.map((deps) => decideOnce(deps, TRADED, closed, free)));
      expect(decided[1]).toEqual(decided[0]);
      const [made] = decided;
      if (made !== undefined && made.order !== null) {
        orders += 1;
        const { order: identifier, deadline } = made;
        if (orders % 2 === 0) scene.breakNext('createOrder', 'after', new AmbiguousSubmission(identifier, 'lost'));
        await both(workers, (steps) => steps.placeOrder({ identifier }));
        await both(workers, (steps) => steps.placeOrder({ identifier }));
        await both(workers, (steps) => steps.pollOrderFills({ identifier, until: deadline }));
        expect(await requireOrder(scene.db, identifier)).toMatchObject({ status: 'filled' });
      }
      scene.pass(1_000);
    }
    expect(orders).toBe(5);
    const { there, booked } = await ordersOnBothSides(scene);
    expect(there).toHaveLength(5);
    expect(booked).toEqual(there);
    expect(await rebuildLedger(scene.db, account)).toEqual([]);
  });

  it('of which one stands still in the middle of sending do not send twice', async () => {
    const scene = await openTradingScene();
    const worker = scene.secondWorker();
    // The exchange would refuse a second request; there is to be none.
    const createOrder = () => Promise.reject(new Error('sent a second time'));
    const second = createTradingActivities({ ...worker, exchange: { ...worker.exchange, createOrder } });
    const { identifier, deadline } = await scene.decideUntilOrder();
    await createTradingActivities({ ...scene.deps }).fetchBalances();
    // It got as far as the exchange and never says so.
    scene.breakNext('createOrder', 'after', new AmbiguousSubmission(identifier, 'killed'));
    await expect(createTradingActivities(scene.deps).placeOrder({ identifier })).rejects.toThrow('killed');

    await second.fetchBalances();
    expect(await second.placeOrder({ identifier })).toEqual({ kind: 'open' });
    expect(await second.pollOrderFills({ identifier, until: deadline })).toMatchObject({ status: 'filled' });
    expect((await ordersOnBothSides(scene)).there).toEqual([identifier]);
  });
});

describe('two reconcilers at once', () => {
  it('record each fact once', { timeout: 60_000 }, async () => {
    const scene = await openTradingScene('4000000');
    const workers = [scene.deps, scene.secondWorker()];
    await both(workers, (steps) => steps.compareAccount({ account, force: true }));
    await trade(scene);
    // Nobody decided on these.
    scene.pass(4_000);
    await scene.collect();
    for (const identifier of ['by-hand-1', 'by-hand-2']) {
      await scene.exchange.createOrder({ market, identifier, type: 'market', side: 'bid', spendKrw: '100000' });
    }
    const { identifier: left } = await scene.decideUntilOrder();
    scene.breakNext('createOrder', 'after', new AmbiguousSubmission(left, 'killed'));
    await createTradingActivities(scene.deps)
      .placeOrder({ identifier: left })
      .catch(() => undefined);
    scene.pass(2_000);
    await both(workers, (steps) => steps.fetchBalances());

    const settled = await both(workers, (steps) => steps.settleOrders({ account }));
    const stale = await both(workers, (steps) => steps.recordStale({ account, timeframe }));
    await both(workers, (steps) => steps.compareAccount({ account, force: true }));
    await both(workers, (steps) => steps.compareAccount({ account, force: true }));

    expect(settled.length).toBe(2);
    expect((await requireOrder(scene.db, left)).status).toBe('filled');
    const written = await rows<{ n: number }>(
      scene,
      sql`SELECT count(*)::int AS n FROM decisions WHERE action = 'stale'`,
    );
    expect(stale.reduce((sum, n) => sum + n, 0)).toBe(written[0]?.n);
    expect(written[0]?.n).toBeGreaterThan(0);
    const byHand = await readForeignOrders(scene.db, { account, limit: 10 });
    expect(byHand.map(({ identifier }) => identifier).sort()).toEqual(['by-hand-1', 'by-hand-2']);
    const changes = await rows<{ currency: string; cause: string; n: number }>(
      scene,
      sql`SELECT currency, cause, count(*)::int AS n FROM account_differences GROUP BY 1, 2 ORDER BY 1, 2`,
    );
    // One for each currency of each of the two orders.
    expect(changes).toEqual([
      { currency: 'BTC', cause: 'hand-trade', n: 2 },
      { currency: 'BTC', cause: 'opening', n: 1 },
      { currency: 'KRW', cause: 'hand-trade', n: 2 },
      { currency: 'KRW', cause: 'opening', n: 1 },
    ]);
    expect(await rebuildLedger(scene.db, account)).toEqual([]);
  });
});

describe('two bots with ids and databases of their own on one account', () => {
  it('each keep to their own sub-account and orders, and doctor tells of the other one', {
    timeout: 60_000,
  }, async () => {
    const one = await openTradingScene('4000000');
    const other = await openTradingScene('4000000', { beside: one });
    await sql`INSERT INTO settings (key, value) VALUES ('bot_id', ${one.deps.botId})`.execute(one.db);
    expect(await checkOtherBots(one.db)).toBe('none seen on the account in the last day');
    const compare = (scene: TradingScene) =>
      createTradingActivities(scene.deps).compareAccount({ account, force: true });
    await compare(one);
    await compare(other);

    const mine = await trade(one);
    const theirs = await trade(other);
    expect(await compare(one)).toMatchObject({ lost: [], foreign: [expect.any(String)] });
    expect(await compare(other)).toMatchObject({ lost: [], foreign: [expect.any(String)] });

    for (const scene of [one, other]) expect(await rebuildLedger(scene.db, account)).toEqual([]);
    expect([mine.split('-')[0], theirs.split('-')[0]]).toEqual(['testbot1', 'testbot2']);
    const [krw, btc] = await one.exchange.fetchBalances();
    const owned = (await Promise.all([one, other].map(({ db }) => readMarketAccounts(db, account)))).flat();
    const sum = (of: 'cash' | 'quantity') => owned.reduce((all, { holdings }) => all + Number(holdings[of]), 0);
    expect(Number(krw?.free)).toBeCloseTo(2_000_000 + sum('cash'), 4);
    expect(Number(btc?.free)).toBeCloseTo(sum('quantity'), 8);

    const said = await checkOtherBots(one.db);
    expect(said).toMatchObject({ ok: false, cure: expect.stringContaining('an account of its own') });
    expect(said).toMatchObject({ detail: expect.stringContaining(`bot testbot2 on ${account}: 1 orders`) });
    expect(await checkOtherBots(one.db, Date.now() + 25 * 3_600_000)).toBe('none seen on the account in the last day');
    // Whose order it is said to be does not make the other bot go away.
    const [seen] = await readForeignOrders(one.db, { account, limit: 1 });
    await classifyForeignOrder(one.db, account, seen?.exchange_order_id ?? '', 'by-hand', 'test');
    expect(await checkOtherBots(one.db)).toMatchObject({ ok: false });
  });
});

describe('two operators at once', () => {
  it('halting and resuming leave one state with its reason, and nothing is sent while it is halted', async () => {
    const scene = await openTradingScene();
    const second = scene.secondWorker();
    const { identifier } = await scene.decideUntilOrder();
    for (let round = 0; round < 10; round += 1) {
      const changes = await Promise.all([
        haltTrading(scene.db, account, `halt ${round}`),
        resumeTrading(second.db, account, `resume ${round}`),
      ]);
      const now = await readTradingState(scene.db, account);
      expect(changes.map(({ state }) => `${state.state} ${state.reason}`)).toContain(`${now.state} ${now.reason}`);
      expect(now.reason?.startsWith(now.state === 'halted' ? 'halt' : 'resume')).toBe(true);
      // Whoever comes next finds a state, not a half of one.
      await haltTrading(second.db, account, 'both');
      expect(await createTradingActivities(scene.deps).placeOrder({ identifier })).toMatchObject({ kind: 'not-sent' });
      await resumeTrading(scene.db, account, 'again');
    }
    expect(scene.calls('createOrder')).toBe(0);
    expect(await createTradingActivities(scene.deps).placeOrder({ identifier })).toEqual({ kind: 'open' });
  });

  it('giving the same money under one reference give it once, and taking it back never takes more than is free', async () => {
    const scene = await openTradingScene('1000000');
    const second = scene.secondWorker();
    const flow = { account, market, note: 'test' };
    const given = await Promise.all(
      [scene.db, second.db].map((db) => allocate(db, { ...flow, cash: '500000', reference: 'once' })),
    );
    expect(given.map(({ recorded }) => recorded).sort()).toEqual([false, true]);
    await expect(allocate(second.db, { ...flow, cash: '1', reference: 'once' })).rejects.toThrow(ReferenceTaken);

    const taken = await Promise.allSettled(
      [scene.db, second.db].map((db) => allocate(db, { ...flow, cash: '-1000000' })),
    );
    expect(taken.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await readMarketAccounts(scene.db, account))[0]?.holdings).toMatchObject({ cash: '500000' });
    expect(await rebuildLedger(scene.db, account)).toEqual([]);
  });
});
