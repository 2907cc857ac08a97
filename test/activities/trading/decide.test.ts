import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { decideOnce } from '../../../activities/trading/decide.ts';
import { readWindow } from '../../../db/candle-window.ts';
import { adopt } from '../../../db/cash-flows.ts';
import { insertDecision, readDecisions } from '../../../db/decisions.ts';
import { readEquityCurve } from '../../../db/equity-curve.ts';
import { readMarketAccounts } from '../../../db/market-accounts.ts';
import { readOrders, requireOrder } from '../../../db/orders.ts';
import { BarWindow } from '../../../strategy/bar-window.ts';
import { actionOf, DEFAULT_ENSEMBLE, scoreOf } from '../../../strategy/ensemble.ts';
import { Exact } from '../../../strategy/exact-decimal.ts';
import { signalsOf } from '../../../strategy/registry.ts';
import { sizeBuy } from '../../../strategy/sizing.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const all = { account: TRADED.account, limit: 1_000 };

/** Whether a statement of somebody else waits for a lock in this database. */
async function waitsForUs({ db }: TradingScene): Promise<boolean> {
  const { rows } = await sql<{ waiting: boolean }>`
    SELECT count(*) > 0 AS waiting FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(db);
  return rows[0]?.waiting ?? false;
}

describe('a decision', () => {
  it('stands once for its candle, with the order and the money reserved for it, whoever asks again', async () => {
    const scene = await openTradingScene();
    const { identifier, candle } = await scene.decideUntilOrder();
    const before = await readDecisions(scene.db, all);

    const again = await Promise.all([1, 2, 3].map(() => decideOnce(scene.deps, TRADED, candle, '10000000')));

    expect(again.map((made) => made.order)).toEqual([identifier, identifier, identifier]);
    expect(await readDecisions(scene.db, all)).toEqual(before);
    expect(await readOrders(scene.db, all)).toHaveLength(1);
    const order = await requireOrder(scene.db, identifier);
    expect((await readMarketAccounts(scene.db, TRADED.account))[0]?.reserved.cash).toBe(order.reserved_cash);
    expect(order.decision).toBe(before[0]?.id);
  });

  it('says what the strategies say of the last 200 stored candles, row for row', async () => {
    const scene = await openTradingScene();
    for (let n = 0; n < 25; n += 1) {
      await scene.decide();
      scene.pass(1_000);
    }

    const decisions = await readDecisions(scene.db, all);
    expect(decisions).toHaveLength(25);
    for (const { candle, score, signals, action } of decisions) {
      const { candles } = await readWindow(scene.db, TRADED.market, '1m', candle.getTime(), 200);
      const expected = signalsOf(BarWindow.endingWith(candles), { quantity: '0', averageCost: '0' });
      const units = scoreOf(expected, DEFAULT_ENSEMBLE.weights);
      expect(signals).toEqual(expected);
      expect(Number(score)).toBe(units / 10_000);
      if (action !== 'blocked') expect(action).toBe(actionOf(units, DEFAULT_ENSEMBLE.threshold));
    }
  });

  it('is blocked where the window has a minute nobody asked for', async () => {
    const scene = await openTradingScene();
    await scene.decide();
    await sql`UPDATE candle_coverage SET covered = covered - tstzmultirange(tstzrange(
      upper(covered) - interval '50 minutes', upper(covered) - interval '45 minutes'))`.execute(scene.db);
    const lastClosed = Math.floor((scene.deps.clock.now() ?? 0) / 60_000) * 60_000 - 60_000;

    const made = await decideOnce(scene.deps, TRADED, lastClosed - 10 * 60_000, '10000000');

    expect(made).toMatchObject({ action: 'blocked', order: null });
    expect(made.reason).toMatch(/^gap/);
  });

  it('keeps its wish and says why when there is no money for it', async () => {
    const scene = await openTradingScene('3000');
    const wishes: string[] = [];
    for (let n = 0; n < 30; n += 1) {
      const made = await scene.decide();
      if (made.action === 'buy') wishes.push(made.reason);
      expect(made.order).toBeNull();
      scene.pass(1_000);
    }
    expect(wishes.length).toBeGreaterThan(0);
    expect(wishes.every((reason) => /; no order: .*minimum/.test(reason))).toBe(true);
  });

  it('that was written as stale since it looked is that, and nothing is ordered', async () => {
    const scene = await openTradingScene();
    const { candle } = await scene.decideUntilOrder();
    const next = candle + 60_000;
    scene.pass(1_000);
    const key = { ...TRADED, candle: next, trigger: 'candle' };
    let making: ReturnType<typeof scene.decide> | undefined;
    await scene.db.transaction().execute(async (trx) => {
      await insertDecision(trx, { ...key, action: 'stale', reason: 'no run decided on it in time', vote: null });
      making = scene.decide();
      // It has looked, found nothing, and waits for this transaction with what it wants to write.
      await expect.poll(() => waitsForUs(scene)).toBe(true);
    });

    expect(await making).toMatchObject({ candle: next, action: 'stale', order: null });
    expect(await readOrders(scene.db, all)).toHaveLength(1);
  });

  it('has a point in the equity curve, also where a gap keeps it from being taken', async () => {
    const scene = await openTradingScene();
    for (let n = 0; n < 3; n += 1) {
      await scene.decide();
      if (n === 1) await sql`UPDATE candle_coverage SET covered = '{}'`.execute(scene.db);
      if (n < 2) scene.pass(1_000);
    }
    const decisions = await readDecisions(scene.db, all);
    const curve = await readEquityCurve(scene.db, { ...TRADED, limit: 10 });
    expect(curve.map(({ at }) => at.getTime() - 60_000)).toEqual(decisions.map((row) => row.candle.getTime()));
  });

  it('never spends more than the exchange has free', async () => {
    const scene = await openTradingScene('50000000');
    const { identifier } = await scene.decideUntilOrder();
    expect(Number((await requireOrder(scene.db, identifier)).reserved_cash)).toBeLessThanOrEqual(10_000_000);
  });

  it('carries the threshold the owner set, and says that it was set', async () => {
    const scene = await openTradingScene('10000000', { threshold: '0.9' });
    for (let n = 0; n < 10; n += 1) {
      await scene.decide();
      scene.pass(1_000);
    }

    const decisions = await readDecisions(scene.db, all);
    expect(decisions).toHaveLength(10);
    for (const { threshold, score, action, reason } of decisions) {
      expect(threshold).toBe('0.9000');
      expect(action).toBe(actionOf(Math.round(Number(score) * 10_000), 9_000));
      expect(reason).toContain('threshold set by THRESHOLD');
    }
  });

  it('says nothing of a setting where the threshold is the one that goes with the weights', async () => {
    const scene = await openTradingScene();
    await scene.decide();

    const [decision] = await readDecisions(scene.db, all);
    expect(decision?.threshold).toBe('0.2000');
    expect(decision?.reason).not.toContain('THRESHOLD');
  });
});

describe('an order', () => {
  const terms = { bidFeeRate: '0.0007', askFeeRate: '0.0003' };

  it.each([
    { what: 'no FEE_RATE', feeRate: undefined, sized: '0.0007' },
    { what: 'a FEE_RATE below what the exchange takes', feeRate: '0.0004', sized: '0.0007' },
    { what: 'a FEE_RATE above it', feeRate: '0.002', sized: '0.002' },
  ])('to buy is booked with the exchange’s fee and leaves room for $sized with $what', async ({ feeRate, sized }) => {
    const scene = await openTradingScene('10000000', { terms, ...(feeRate === undefined ? {} : { feeRate }) });
    const { identifier } = await scene.decideUntilOrder();
    const order = await requireOrder(scene.db, identifier);

    expect(order.side).toBe('bid');
    expect(order.fee_rate).toBe('0.0007');
    const perCoin = new Exact(1).plus(sized).plus('0.0005').times(order.price);
    expect(order.quantity).toBe(new Exact('10000000').div(perCoin).toDecimalPlaces(8, Exact.ROUND_DOWN).toFixed());
  });

  it('to sell is booked with the fee of a sale', async () => {
    const scene = await openTradingScene('0', { terms });
    const lot = { account: TRADED.account, market: TRADED.market, quantity: '0.05', cost: '5000000', note: 'test' };
    await adopt(scene.db, lot);

    const { identifier } = await scene.decideUntilOrder();

    expect(await requireOrder(scene.db, identifier)).toMatchObject({ side: 'ask', fee_rate: '0.0003' });
  });

  it('goes as far beyond the close as AGGRESSIVENESS says and keeps FEE_BUFFER back', async () => {
    const sizing = { aggressiveness: '0.01', feeBuffer: '0.02' };
    const scene = await openTradingScene('10000000', { sizing });
    const { identifier, candle } = await scene.decideUntilOrder();
    const order = await requireOrder(scene.db, identifier);

    const { candles } = await readWindow(scene.db, TRADED.market, '1m', candle, 1);
    const close = candles.at(-1)?.close ?? '';
    const expected = sizeBuy(close, '10000000', { ...sizing, feeRate: '0.0005' });
    expect(expected).toMatchObject({ price: order.price, volume: order.quantity });
    expect(new Exact(order.price).gte(new Exact(close).times('1.01'))).toBe(true);
  });
});
