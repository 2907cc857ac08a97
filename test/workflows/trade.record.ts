import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveHistory } from '../support/save-history.ts';
import { connectTestTemporal, type TestTemporal } from '../support/temporal.ts';
import { runTrade } from '../support/trade-runs.ts';
import { tradeScripts } from '../support/trade-scripts.ts';

/** Records every outcome of TradeWorkflow: `npm run histories:record`. */
let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await connectTestTemporal();
});
afterAll(() => temporal.close());

it.each(tradeScripts())('trade: $name', async (script) => {
  const { result, history } = await runTrade(temporal, script);
  expect(result.outcome).toBe(script.outcome);
  saveHistory(`trade-${script.name}`, history);
});
