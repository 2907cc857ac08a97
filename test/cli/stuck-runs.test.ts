import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection, isGrpcCancelledError } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../cli/doctor/check.ts';
import { checkStuckRuns } from '../../cli/doctor/stuck-runs.ts';
import { readStuckRuns } from '../../cli/stuck-runs.ts';
import { prepareNamespace } from '../../cli/up/prepare-namespace.ts';
import { buildWorkflowBundle } from '../../workers/workflow-bundle.ts';
import { temporalAddress } from '../support/temporal.ts';
import { until } from './up/support.ts';

/** A run counts as stuck after five tries; from the second on a try ends by this time limit and a growing pause: 20 s. */
const WORKFLOW_TASK_MS = 1_000;
const STUCK_WITHIN_MS = 60_000;

const namespace = `stuck-${randomUUID().slice(0, 8)}`;
let address: string;
let client: Client;
let native: NativeConnection;
beforeAll(async () => {
  // A worker that fails on purpose says so at length.
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter } } });
  address = temporalAddress();
  const connection = await Connection.connect({ address });
  await prepareNamespace(connection, { namespace, retentionMs: 24 * 3_600_000, ownServer: true });
  client = new Client({ connection, namespace });
  native = await NativeConnection.connect({ address });
});
afterAll(async () => {
  await client.connection.close();
  await native.close();
});

function start(type: string, taskQueue: string) {
  const args = [{ market: 'KRW-BTC', timeframe: '1m', intervalMs: 60_000 }];
  const workflowTaskTimeout = WORKFLOW_TASK_MS;
  return client.workflow.start(type, { workflowId: `${type}-${taskQueue}`, taskQueue, args, workflowTaskTimeout });
}

/** Serves a queue with the workflows as they are, or as a careless change would leave them, for as long as `work` takes. */
async function withWorker<T>(workflows: 'today' | 'changed', taskQueue: string, upsert: () => void, work: () => T) {
  const changed = {
    workflowsPath: join(import.meta.dirname, '..', 'workflows', 'fixtures', 'incompatible-collect.ts'),
    logger: new DefaultLogger('ERROR'),
  };
  const code = workflows === 'today' ? await buildWorkflowBundle() : (await bundleWorkflowCode(changed)).code;
  const activities = {
    fetchCandles: async () => ({ candles: [], settled: [] }),
    upsertCandles: async () => {
      upsert();
      return { inserted: 0, corrected: 0, late: 0 };
    },
  };
  const options = { connection: native, namespace, taskQueue, workflowBundle: { code }, maxCachedWorkflows: 0 };
  const worker = await Worker.create({ ...options, activities });
  return worker.runUntil(async () => work());
}

/** Takes the tasks of a queue and answers none. */
async function keepSilent(taskQueue: string, over: AbortSignal): Promise<void> {
  const poll = () => client.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: taskQueue } });
  while (!over.aborted) {
    await client
      .withAbortSignal(over, () => client.withDeadline(Date.now() + 60_000, poll))
      .catch((error: unknown) => {
        if (!isGrpcCancelledError(error)) throw error;
      });
  }
}

/** A run of today's code that is in the middle of its steps, and nobody there to go on. */
async function startHalfway(taskQueue: string): Promise<void> {
  await start('CollectWorkflow', taskQueue);
  const { promise: tried, resolve } = Promise.withResolvers<void>();
  const failsOnce = () => {
    resolve();
    throw new Error('not yet');
  };
  await withWorker('today', taskQueue, failsOnce, () => tried);
}

const check = () => checkStuckRuns({ client, address, namespace }, process.env.TEMPORAL_CLI_PATH);
const about = (findings: readonly Finding[], id: string) => findings.find(({ detail }) => detail.startsWith(`${id} (`));

it('runs that cannot take their next step are told of with why and since when, and the cure of each frees it', {
  timeout: 2 * STUCK_WITHIN_MS,
}, async () => {
  const began = Date.now();
  await startHalfway('changed');
  expect(await check()).toEqual([{ check: 'stuck runs', ok: true, detail: 'none', cure: null }]);
  const unknown = await start('NoSuchWorkflow', 'changed');
  const unanswered = await start('CollectWorkflow', 'silent');
  const over = new AbortController();
  const silence = keepSilent('silent', over.signal);

  await withWorker(
    'changed',
    'changed',
    () => undefined,
    async () => {
      await until('three are stuck', async () => (await readStuckRuns(client)).length === 3, STUCK_WITHIN_MS);
      const runs = new Map((await readStuckRuns(client)).map((run) => [run.workflow_id, run]));
      const found = await check();

      const changed = runs.get('CollectWorkflow-changed');
      const violation =
        "Activity type of scheduled event 'fetchCandles' does not match activity type of activity command";
      expect(changed).toMatchObject({ type: 'CollectWorkflow', code_changed: true });
      const since = changed?.since?.getTime() ?? 0;
      expect(since).toBeGreaterThan(began);
      // Since the first of its failures, not since the last.
      expect(Date.now() - since).toBeGreaterThan(5 * WORKFLOW_TASK_MS);
      const finding = about(found, 'CollectWorkflow-changed');
      expect(finding).toMatchObject({ check: 'stuck runs', ok: false, detail: expect.stringContaining(violation) });
      expect(finding?.detail).toMatch(/ \(run [\w-]{36}\) tries the same step again and again since 20.*UTC/);

      const silent = { message: null, since: expect.any(Date), code_changed: false };
      expect(runs.get('CollectWorkflow-silent')).toMatchObject(silent);
      expect(about(found, 'CollectWorkflow-silent')).toMatchObject({
        detail: expect.stringContaining('its worker does not answer in time'),
        cure: expect.stringMatching(/^its worker's log says why; .* --workflow-id CollectWorkflow-silent /),
      });
      expect(runs.get('NoSuchWorkflow-changed')).toMatchObject({ code_changed: false });
      expect(about(found, 'NoSuchWorkflow-changed')?.cure).toMatch(/^mend the code, and the run goes on by itself/);

      const [, command = ''] = /twice, with (.*) \(other ways/.exec(finding?.cure ?? '') ?? [];
      await promisify(execFile)('sh', ['-c', command]);
      await client.workflow.getHandle('CollectWorkflow-changed').result();
    },
  );
  over.abort();
  await silence;
  await unknown.terminate();
  await unanswered.terminate();
  await until('none is', async () => (await readStuckRuns(client)).length === 0);
  expect(await check()).toEqual([{ check: 'stuck runs', ok: true, detail: 'none', cure: null }]);
});
