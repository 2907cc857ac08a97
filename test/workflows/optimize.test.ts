import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { optimizeScripts, runOptimize } from '../support/optimize-runs.ts';
import { connectTestTemporal, type TestTemporal } from '../support/temporal.ts';

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await connectTestTemporal();
});
afterAll(() => temporal.close());

describe('OptimizeWorkflow', () => {
  it.each(optimizeScripts)('$name: takes its steps, and tells why without a payload being opened', async (script) => {
    const run = await runOptimize(temporal, script);

    expect(run.taken).toEqual(script.steps);
    expect(run.result.outcome).toBe(script.outcome);
    expect(run.result.result).toBe(script.steps.includes('promote') ? '7' : undefined);
    expect(run.outcome).toBe(script.outcome);
    for (const part of script.says) expect(run.currentDetails).toContain(part);
  });

  it('carries ids and figures only: no history is larger than a few thousand characters', async () => {
    const [script] = optimizeScripts;
    if (script === undefined) throw new Error('no script');
    const { history } = await runOptimize(temporal, script);
    const payloads = JSON.stringify(history.events?.map((event) => event.activityTaskCompletedEventAttributes?.result));
    expect(payloads.length).toBeLessThan(30_000);
  });
});
