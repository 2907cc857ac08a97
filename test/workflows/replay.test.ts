import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { optimizeScripts } from '../support/optimize-runs.ts';
import { reconcileScripts } from '../support/reconcile-runs.ts';
import { quietRuntime } from '../support/temporal.ts';
import { tradeScripts } from '../support/trade-scripts.ts';

/**
 * What a real server noted down of every outcome, run again against today's code, without any server. A failure here
 * means that a run in flight during an upgrade would break (docs/architecture.md, "Changing a workflow").
 */
const folder = join(import.meta.dirname, '..', 'histories');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const history = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));

beforeAll(() => quietRuntime());

describe('recorded histories', () => {
  const code = readFileSync(inject('bundle'), 'utf8');

  it('exist for every outcome', () => {
    expect(files).toEqual([
      'collect-collected-after-retry.json',
      'collect-collected.json',
      'collect-corrected.json',
      'collect-unchanged.json',
      'collect-unknown-market.json',
      ...optimizeScripts.map(({ name }) => `optimize-${name}.json`).sort(),
      ...reconcileScripts.map(({ outcome }) => `reconcile-${outcome}.json`).sort(),
      ...tradeScripts()
        .map(({ name }) => `trade-${name}.json`)
        .sort(),
    ]);
  });

  it.each(files)('%s replays', async (file) => {
    await Worker.runReplayHistory({ workflowBundle: { code } }, history(file));
  });

  it.each(files)('%s names no machine', (file) => {
    const named = /(?:at |file:\/\/)\/\S*|"identity": "(?!test-)[^"]*"/.exec(readFileSync(join(folder, file), 'utf8'));
    expect(named?.[0]).toBeUndefined();
  });
});

describe('an incompatible CollectWorkflow', () => {
  it('fails to replay: it would have stored before fetching', async () => {
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(import.meta.dirname, 'fixtures', 'incompatible-collect.ts'),
      logger: new DefaultLogger('ERROR'),
    });
    const replay = Worker.runReplayHistory({ workflowBundle: { code } }, history('collect-collected.json'));
    await expect(replay).rejects.toThrow(DeterminismViolationError);
  });
});
