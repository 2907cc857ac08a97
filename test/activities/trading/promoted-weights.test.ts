import { describe, expect, it } from 'vitest';
import type { Db } from '../../../db/connect.ts';
import { readDecisions } from '../../../db/decisions.ts';
import { insertResult } from '../../../db/optimizer-results.ts';
import { insertPromotion, whileChoosing } from '../../../db/promotions.ts';
import { minute } from '../../support/candles.ts';
import { openTradingScene, TRADED } from '../../support/trading-scene.ts';

const ONLY_SCALPING = {
  weights: { trend: '0', momentum: '0', swing: '0', scalping: '1', day: '0', price_action: '0' },
  threshold: '0.35',
};

async function promote(db: Db, params: typeof ONLY_SCALPING): Promise<string> {
  const id = await insertResult(db, {
    ...{ market: TRADED.market, timeframe: '1m', from: minute(0), until: minute(400), candles: 400, decided: 201 },
    ...{ emptyMinutes: 0, gapBefore: null, space: 'test', candidates: 1, costs: {}, metrics: {}, params },
  });
  await whileChoosing(db, TRADED, (trx) =>
    insertPromotion(trx, TRADED, { optimizer_result: id, chosen_by: 'in-sample', reason: 'test' }),
  );
  return id;
}

async function newestDecision(db: Db) {
  const [decision] = await readDecisions(db, { account: TRADED.account, limit: 1 });
  if (decision === undefined) throw new Error('no decision');
  return decision;
}

describe('a promoted set', () => {
  it('is what the next decision votes with, weights and threshold, and the decision bears its id', async () => {
    const scene = await openTradingScene();
    await scene.decide();
    expect(await newestDecision(scene.db)).toMatchObject({ optimizer_result: null, threshold: '0.2000' });

    const id = await promote(scene.db, ONLY_SCALPING);
    scene.pass(1_000);
    await scene.decide();

    const decision = await newestDecision(scene.db);
    expect(decision).toMatchObject({ optimizer_result: id, threshold: '0.3500' });
    expect(decision.weights).toMatchObject({ scalping: '1.0000', trend: '0.0000' });
    expect(Number(decision.score)).toBe(decision.signals?.scalping);
  });

  it('gives way to an explicit THRESHOLD, not to its weights', async () => {
    const scene = await openTradingScene('10000000', { threshold: '0.4' });
    const id = await promote(scene.db, ONLY_SCALPING);
    await scene.decide();

    const decision = await newestDecision(scene.db);
    expect(decision).toMatchObject({ optimizer_result: id, threshold: '0.4000' });
    expect(decision.reason).toContain('threshold set by THRESHOLD');
    expect(decision.weights).toMatchObject({ scalping: '1.0000' });
  });

  it('of another account changes nothing', async () => {
    const scene = await openTradingScene();
    const other = { ...TRADED, account: 'paper-another' };
    const id = await promote(scene.db, ONLY_SCALPING);
    await whileChoosing(scene.db, TRADED, (trx) =>
      insertPromotion(trx, TRADED, { optimizer_result: null, chosen_by: 'operator', reason: 'test' }),
    );
    await whileChoosing(scene.db, other, (trx) =>
      insertPromotion(trx, other, { optimizer_result: id, chosen_by: 'operator', reason: 'test' }),
    );
    await scene.decide();
    expect(await newestDecision(scene.db)).toMatchObject({ optimizer_result: null, threshold: '0.2000' });
  });

  it('that names a strategy nobody knows stops trading and says how to choose another', async () => {
    const scene = await openTradingScene();
    await promote(scene.db, { ...ONLY_SCALPING, weights: { ...ONLY_SCALPING.weights, astrology: '1' } as never });
    await expect(scene.decide()).rejects.toThrow(/weights\.astrology.*durabit weights use default --market KRW-BTC/);
  });
});
