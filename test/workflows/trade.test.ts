import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTestTemporal, type TestTemporal } from '../support/temporal.ts';
import { runReconcile, runTrade } from '../support/trade-runs.ts';
import { tradeScripts } from '../support/trade-scripts.ts';

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await connectTestTemporal();
});
afterAll(() => temporal.close());

const outcomeOf = ({ description }: Awaited<ReturnType<typeof runReconcile>>) =>
  description.typedSearchAttributes.getAll().find((pair) => pair.key.name === 'Outcome')?.value;

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

describe('ReconcileWorkflow', () => {
  it('says whether everything has come to its end', async () => {
    const order = { identifier: 'o', side: 'bid', executedQuantity: '0' } as const;
    const settled = await runReconcile(temporal, [{ ...order, status: 'canceled', final: true }], 2);
    const left = await runReconcile(temporal, [{ ...order, status: 'unknown', final: false }], 0);

    expect(settled.result).toEqual({ unfinished: 1, left: 0, stale: 2 });
    expect([outcomeOf(settled), outcomeOf(left)]).toEqual(['settled', 'unresolved']);
  });
});
