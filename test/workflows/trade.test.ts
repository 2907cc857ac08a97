import { beforeAll, describe, expect, it } from 'vitest';
import { connectTestTemporal } from '../support/temporal.ts';
import { runTrades, type TradeRun } from '../support/trade-runs.ts';
import { tradeScripts } from '../support/trade-scripts.ts';

const scripts = tradeScripts();
let runs: readonly TradeRun[];
beforeAll(async () => {
  const temporal = await connectTestTemporal();
  runs = await runTrades(temporal, scripts).finally(() => temporal.close());
});

describe('TradeWorkflow', () => {
  it.each(scripts)('$name: takes its steps in order and ends as $outcome', (script) => {
    const run = runs[scripts.indexOf(script)];

    expect(run?.result.outcome).toBe(script.outcome);
    expect(run?.taken.slice(0, 2).sort()).toEqual(['fetchBalances', 'resolveUnfinished']);
    expect(run?.taken.slice(2)).toEqual(script.takes);
    const attributes = run?.description.typedSearchAttributes.getAll();
    expect(attributes?.find((pair) => pair.key.name === 'Outcome')?.value).toBe(script.outcome);
  });
});
