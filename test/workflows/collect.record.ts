import { afterAll, beforeAll, expect, it } from 'vitest';
import { ExchangeUnavailable, UnknownMarket } from '../../exchange/errors.ts';
import { type CollectScene, openCollectScene } from '../support/collect-scene.ts';
import { saveHistory } from '../support/save-history.ts';

/**
 * Records what a real server noted down of every outcome of CollectWorkflow: `npm run histories:record`. The files
 * are committed and replayed by `replay.test.ts`; record anew only when a change is meant to break old runs.
 */
let scene: CollectScene;
beforeAll(async () => {
  scene = await openCollectScene();
});
afterAll(() => scene.close());

async function record(name: string, outcome: string): Promise<void> {
  const { result, history } = await scene.run();
  expect(result instanceof Error ? 'failed' : result.outcome).toBe(outcome);
  saveHistory(`collect-${name}`, history);
}

it('collected', async () => {
  scene.exchange.clockSeconds = 10 * 60 + 4;
  await record('collected', 'collected');
});

it('unchanged', async () => {
  scene.exchange.clockSeconds = 10 * 60 + 30;
  await record('unchanged', 'unchanged');
});

it('corrected', async () => {
  scene.exchange.trade(9, { volume: '99' });
  await record('corrected', 'corrected');
});

it('collected after the exchange was down', async () => {
  scene.exchange.clockSeconds = 11 * 60 + 4;
  scene.exchange.failures.push(new ExchangeUnavailable('down'));
  await record('collected-after-retry', 'collected');
});

it('failed for an unknown market', async () => {
  scene.exchange.failures.push(new UnknownMarket('KRW-NOPE'));
  await record('unknown-market', 'failed');
});
