import { afterAll, beforeAll, expect, it } from 'vitest';
import { reconcileScripts, runReconcile } from '../support/reconcile-runs.ts';
import { saveHistory } from '../support/save-history.ts';
import { connectTestTemporal, type TestTemporal } from '../support/temporal.ts';

/** Records every outcome of ReconcileWorkflow: `npm run histories:record`. */
let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await connectTestTemporal();
});
afterAll(() => temporal.close());

it.each(reconcileScripts)('reconcile: $outcome', async (script) => {
  const { result, history } = await runReconcile(temporal, script);
  expect(result.outcome).toBe(script.outcome);
  saveHistory(`reconcile-${script.outcome}`, history);
});
