import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReconcileScript, reconcileScripts, runReconcile } from '../support/reconcile-runs.ts';
import { connectTestTemporal, type TestTemporal } from '../support/temporal.ts';

let temporal: TestTemporal;
/** Every script run once, side by side: much of each run is waiting for its worker to come and go. */
const runs = new Map<ReconcileScript, Awaited<ReturnType<typeof runReconcile>>>();
beforeAll(async () => {
  temporal = await connectTestTemporal();
  await Promise.all(reconcileScripts.map(async (script) => runs.set(script, await runReconcile(temporal, script))));
});

function runOf(script: ReconcileScript) {
  const run = runs.get(script);
  if (run === undefined) throw new Error(`${script.outcome} was not run`);
  return run;
}

afterAll(() => temporal.close());

describe('ReconcileWorkflow', () => {
  it.each(reconcileScripts)('ends as $outcome, and tells why without a payload being opened', (script) => {
    const run = runOf(script);

    expect(run.result).toMatchObject({ outcome: script.outcome, stale: script.stale, compared: script.compared });
    expect(run.result.unfinished).toBe(script.orders.length);
    expect(run.result.left).toBe(script.orders.filter(({ final }) => !final).length);
    expect(run.outcome).toBe(script.outcome);
    for (const part of script.says) expect(run.currentDetails).toContain(part);
  });

  it('tells of an unfinished order that contradicts the ledger as lost, once, and compares all the same', async () => {
    const [script] = reconcileScripts;
    const [order] = script?.orders ?? [];
    if (script === undefined || order === undefined) throw new Error('no script with an order');
    const contradiction = 'it is A at the exchange and cannot be B too';
    const orders = [{ ...order, status: 'open', final: false, contradiction } as const];
    const lost = [`${order.identifier}: the ledger refuses it: ${contradiction}`];

    for (const compared of [script.compared, { ...script.compared, lost }]) {
      const run = await runReconcile(temporal, { ...script, orders, compared });

      expect(run.result).toMatchObject({ outcome: 'lost', unfinished: 1, left: 1, compared });
      expect(run.currentDetails.match(/MUST NOT HAPPEN/g)).toHaveLength(1);
      expect(run.currentDetails).toContain(lost[0]);
      expect(run.currentDetails).toContain('Balances compared');
    }
  });

  it('compares at once after it has settled an order nobody else looked after, else when it is due', () => {
    const forced = reconcileScripts.map((script) => runOf(script).forced);
    expect(forced).toEqual(reconcileScripts.map(({ force }) => [force]));
  });
});
