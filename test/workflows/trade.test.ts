import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTestTemporal, type TestTemporal } from '../support/temporal.ts';
import { runTrade } from '../support/trade-runs.ts';
import { tradeScripts } from '../support/trade-scripts.ts';

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await connectTestTemporal();
});
afterAll(() => temporal.close());

describe('TradeWorkflow', () => {
  it.each(tradeScripts())('$name: takes its steps in order and ends as $outcome', async (script) => {
    const run = await runTrade(temporal, script);

    expect(run.result.outcome).toBe(script.outcome);
    expect(run.taken.slice(0, 2).sort()).toEqual(['fetchBalances', 'resolveUnfinished']);
    expect(run.taken.slice(2)).toEqual(script.takes);
    const attributes = run.description.typedSearchAttributes.getAll();
    expect(attributes.find((pair) => pair.key.name === 'Outcome')?.value).toBe(script.outcome);
  });
});
