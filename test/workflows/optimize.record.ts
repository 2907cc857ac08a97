import { afterAll, beforeAll, expect, it } from 'vitest';
import { optimizeScripts, runOptimize } from '../support/optimize-runs.ts';
import { saveHistory } from '../support/save-history.ts';
import { connectTestTemporal, type TestTemporal } from '../support/temporal.ts';

/** Records every way an OptimizeWorkflow can go: `npm run histories:record`. */
let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await connectTestTemporal();
});
afterAll(() => temporal.close());

it.each(optimizeScripts)('optimize: $name', async (script) => {
  const { result, history } = await runOptimize(temporal, script);
  expect(result.outcome).toBe(script.outcome);
  saveHistory(`optimize-${script.name}`, history);
});
