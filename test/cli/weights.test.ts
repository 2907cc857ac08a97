import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { promoteResult } from '../../activities/optimization/promote.ts';
import { insertResult } from '../../db/optimizer-results.ts';
import { readWeightsInForce } from '../../db/promotions.ts';
import { DEFAULT_ENSEMBLE, ensembleText } from '../../strategy/ensemble.ts';
import { minute } from '../support/candles.ts';
import { BTC, ETH } from '../support/ledger.ts';
import { type MoneyScene, openMoneyScene } from '../support/money-scene.ts';

let scene: MoneyScene;
let ids: readonly string[];
beforeAll(async () => {
  scene = await openMoneyScene('4000000');
  ids = [await aResult(400), await aResult(500), await aResult(600), await aResult(600, ETH)];
});
afterAll(() => scene.close());

function aResult(until: number, market = BTC): Promise<string> {
  const params = { ...ensembleText(DEFAULT_ENSEMBLE), threshold: `0.${until}0` };
  return insertResult(scene.db, {
    ...{ market, timeframe: '1m', from: minute(0), until: minute(until), candles: 400, decided: 201, candidates: 1 },
    ...{ emptyMinutes: 0, gapBefore: null, space: 'test', costs: { fee_rate: '0.0005' }, params },
    metrics: { total_return: 0.0123, buy_and_hold_return: -0.02, max_drawdown: 0.005, num_trades: 4 },
  });
}

const inForce = async (market = BTC) =>
  (await readWeightsInForce(scene.db, { account: scene.account, market, timeframe: '1m' })).result;
/** What `durabit status` says of the market. */
const shown = async (market = BTC) =>
  (await scene.run('status')).json.weights.find((one: { market: string }) => one.market === market);
const promote = (id: string | undefined) =>
  promoteResult(scene.db, 'in-sample', { account: scene.account, market: BTC, timeframe: '1m' }, id ?? '');

describe('durabit weights', () => {
  it('lists what was found, newest first, as the table’s columns are named', async () => {
    const { json, code, stderr } = await scene.run('weights', '--market', 'KRW-BTC', '--limit', '2');
    expect(code, stderr).toBe(0);
    expect(json).toHaveLength(2);
    expect(json[0]).toMatchObject({
      ...{ id: ids[2], market: 'KRW-BTC', window_from: '2025-03-01T00:00:00.000Z', in_force: false, is_best: true },
      params: { threshold: '0.6000', weights: { trend: '0.2000' } },
      metrics: { total_return: 0.0123, num_trades: 4 },
    });
  });

  it('use puts an older result into force, and no later one replaces it until it is handed back', async () => {
    const used = await scene.run('weights', 'use', ids[0] ?? '', '--reason', 'I know better');
    expect(used.json).toMatchObject({ optimizer_result: ids[0], chosen_by: 'operator', reason: 'I know better' });
    expect(await inForce()).toBe(ids[0]);
    expect(await promote(ids[1])).toMatchObject({ kind: 'recorded' });
    expect(await inForce()).toBe(ids[0]);

    const listed = await scene.run('weights', '--market', 'KRW-BTC');
    expect(listed.json.filter((row: { in_force: boolean }) => row.in_force)).toEqual([
      expect.objectContaining({ id: ids[0] }),
    ]);
    const text = (await scene.bot.run(['weights', '--market', 'KRW-BTC'])).stdout;
    expect(text).toMatch(/RETURN % {2}BUY & HOLD % {2}NOTHING %.*\n.*1\.23 +-2\.00 +0\.00 +0\.50 +4/);
    expect(text).toContain('(I know better); kept until: npx durabit weights auto --market KRW-BTC');

    expect((await scene.run('weights', 'auto', '--market', 'KRW-BTC')).json).toMatchObject({
      ...{ optimizer_result: ids[0], chosen_by: 'handed-back' },
    });
    expect(await inForce()).toBe(ids[0]);
    expect(await shown()).toMatchObject({ optimizer_result: ids[0], chosen_by: 'handed-back', since: used.json.at });
    expect(await promote(ids[1])).toMatchObject({ kind: 'promoted' });
    expect(await inForce()).toBe(ids[1]);
    expect(await shown()).toMatchObject({
      ...{ optimizer_result: ids[1], chosen_by: 'in-sample', reason: expect.stringContaining('best in sample') },
      ...{ threshold: '0.5000', weights: { trend: '0.2000' } },
    });
    expect((await shown()).since > used.json.at).toBe(true);
  });

  it('use default goes back to the default weights, of the market named and no other', async () => {
    await scene.run('weights', 'use', ids[3] ?? '');
    expect((await scene.run('weights', 'use', 'default', '--market', 'KRW-BTC')).json).toMatchObject({
      ...{ market: 'KRW-BTC', optimizer_result: null, chosen_by: 'operator' },
    });
    expect([await inForce(), await inForce(ETH)]).toEqual([null, ids[3]]);
    expect(await promote(ids[2])).toMatchObject({ kind: 'recorded' });
  });

  it('auto where nobody chose changes nothing', async () => {
    await scene.run('weights', 'auto', '--market', 'KRW-BTC');
    const count = () => scene.db.selectFrom('promotions').select('id').execute();
    const before = (await count()).length;
    expect((await scene.run('weights', 'auto', '--market', 'KRW-BTC')).code).toBe(0);
    expect(await count()).toHaveLength(before);
  });

  it.each([
    [['use', '999999'], 'there is no result "999999"'],
    [['use', 'best'], 'there is no result "best"'],
    [['use', 'default'], 'name the market with --market'],
    [['use', 'default', '--market', 'KRW-XRP'], 'KRW-XRP has no sub-account'],
    [['auto'], "required option '--market <code>'"],
  ])('%o is refused with what is wrong, and nothing changes', async (args, says) => {
    const before = await inForce();
    const { code, stderr } = await scene.run('weights', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
    expect(await inForce()).toBe(before);
  });

  it('use of another market’s result is refused', async () => {
    const { code, stderr } = await scene.run('weights', 'use', ids[3] ?? '', '--market', 'KRW-BTC');
    expect([code, stderr]).toEqual([2, expect.stringContaining('is of KRW-ETH, not of KRW-BTC')]);
  });
});
