import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reconcileScripts, runReconcile } from '../support/reconcile-runs.ts';
import { connectTestTemporal, type TestTemporal } from '../support/temporal.ts';

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await connectTestTemporal();
});
afterAll(() => temporal.close());

describe('ReconcileWorkflow', () => {
  it.each(reconcileScripts)('ends as $outcome, and tells why without a payload being opened', async (script) => {
    const run = await runReconcile(temporal, script);

    expect(run.result).toMatchObject({ outcome: script.outcome, stale: script.stale, compared: script.compared });
    expect(run.result.unfinished).toBe(script.orders.length);
    expect(run.result.left).toBe(script.orders.filter(({ final }) => !final).length);
    expect(run.outcome).toBe(script.outcome);
    for (const part of script.says) expect(run.currentDetails).toContain(part);
  });

  it('compares at once after it has settled an order nobody else looked after, else when it is due', async () => {
    const forced = [];
    for (const script of reconcileScripts) forced.push((await runReconcile(temporal, script)).forced);
    expect(forced).toEqual(reconcileScripts.map(({ force }) => [force]));
  });
});
