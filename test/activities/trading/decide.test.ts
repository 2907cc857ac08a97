import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { decideOnce } from '../../../activities/trading/decide.ts';
import { readWindow } from '../../../db/candle-window.ts';
import { readDecisions } from '../../../db/decisions.ts';
import { readMarketAccounts } from '../../../db/market-accounts.ts';
import { readOrders, requireOrder } from '../../../db/orders.ts';
import { BarWindow } from '../../../strategy/bar-window.ts';
import { actionOf, DEFAULT_ENSEMBLE, scoreOf } from '../../../strategy/ensemble.ts';
import { signalsOf } from '../../../strategy/registry.ts';
import { openTradingScene, TRADED } from '../../support/trading-scene.ts';

const all = { account: TRADED.account, limit: 1_000 };

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

  it('never spends more than the exchange has free', async () => {
    const scene = await openTradingScene('50000000');
    const { identifier } = await scene.decideUntilOrder();
    expect(Number((await requireOrder(scene.db, identifier)).reserved_cash)).toBeLessThanOrEqual(10_000_000);
  });
});
