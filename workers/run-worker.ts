import { setTimeout as sleep } from 'node:timers/promises';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { temporalTarget } from '../config/temporal-target.ts';
import { UserError } from '../config/user-error.ts';
import { announceFailure, announceReady, endWithParent } from '../process/supervised.ts';
import { heartbeats } from './heartbeats.ts';
import { TASK_QUEUES, type TaskQueue } from './task-queues.ts';
import { buildWorkflowBundle } from './workflow-bundle.ts';

/** Pause before the n-th further attempt to reach a server: 0.25 s, doubling, at most 5 s. */
function backOffMs(attempt: number): number {
  return Math.min(5_000, 250 * 2 ** attempt);
}

/** Options all workers share. Each is its own process on its own queue. */
const SHARED_OPTIONS = {
  // Running activities may finish before a restart; the SDK's default of 0 would drop them (temporal.md, SDK traps).
  shutdownGraceTime: '3s',
  shutdownForceTime: '8s',
  // Runs here live for a second or two: a handful in the cache is all there ever is, and each costs memory.
  maxCachedWorkflows: 20,
  // How long a run waits for the killed worker that had it in its cache; the SDK's default of 10 s is ten candles.
  stickyQueueScheduleToStartTimeout: '2s',
  interceptors: { activity: [heartbeats] },
  // Each report goes out; the SDK would keep them back for 0.8 of the heartbeat time-out.
  maxHeartbeatThrottleInterval: '1s',
} satisfies Partial<WorkerOptions>;

export interface WorkerSetup {
  readonly activities?: object;
  /** Closes what the activities hold once the worker has drained. */
  readonly close?: () => Promise<void>;
}

/**
 * Serves one task queue until told to stop. A Temporal server that cannot be reached is named and tried again with
 * back-off, so that the order in which servers come up does not matter.
 */
export async function runWorker(queue: TaskQueue, setUp: () => Promise<WorkerSetup>): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('WARN', printEntry) });
  const stopping = new AbortController();
  let worker: Worker | undefined;
  let finished: Promise<void> = Promise.resolve();
  endWithParent(async () => {
    stopping.abort();
    if (worker?.getState() === 'RUNNING') worker.shutdown();
    await finished;
  }, 12_000);

  const connection = await connectPatiently(stopping.signal);
  if (connection === undefined) return;
  const { activities, close } = await setUp();
  const target = temporalTarget(process.env);
  worker = await Worker.create({
    ...SHARED_OPTIONS,
    connection,
    namespace: target.namespace,
    taskQueue: TASK_QUEUES[queue],
    identity: `${queue}@${process.pid}`,
    ...(await bundleOptions()),
    ...(activities === undefined ? {} : { activities }),
  });
  const running = worker.run();
  console.error(`serves task queue ${TASK_QUEUES[queue]} of ${target.address}`);
  announceReady();
  finished = running.finally(async () => {
    await close?.();
    await connection.close();
  });
  await finished;
}

async function bundleOptions(): Promise<Pick<WorkerOptions, 'workflowBundle'>> {
  const codePath = process.env.DURABIT_WORKFLOW_BUNDLE;
  return { workflowBundle: codePath ? { codePath } : { code: await buildWorkflowBundle() } };
}

async function connectPatiently(stop: AbortSignal): Promise<NativeConnection | undefined> {
  const target = temporalTarget(process.env);
  for (let attempt = 0; !stop.aborted; attempt += 1) {
    try {
      return await NativeConnection.connect(target.connectionOptions);
    } catch (error) {
      const pause = backOffMs(attempt);
      const why = error instanceof Error ? error.message : String(error);
      console.error(`Temporal at ${target.address} cannot be reached (${why}); trying again in ${pause / 1_000} s`);
      await sleep(pause, undefined, { signal: stop }).catch(() => undefined);
    }
  }
  return undefined;
}

/** One plain line an entry; the supervisor puts the speaker's name before it. */
const printEntry: ConstructorParameters<typeof DefaultLogger>[1] = ({ level, message, meta, timestampNanos }) => {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  const { error, market, attempt, activityType } = (meta ?? {}) as Record<string, unknown>;
  const facts = Object.entries({ activityType, market, attempt })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${value}`)
    .join('');
  const why = error instanceof Error ? `: ${error.name}: ${error.message}` : error === undefined ? '' : `: ${error}`;
  console.error(`${time} ${level} ${message}${facts}${why}`);
};

/** A main of three lines: runs the worker, ends in one catch. */
export function workerMain(queue: TaskQueue, setUp: () => Promise<WorkerSetup>): void {
  runWorker(queue, setUp).then(
    () => process.exit(0),
    async (error: unknown) => {
      console.error(error instanceof UserError ? error.message : error);
      if (error instanceof UserError) await announceFailure(error.message);
      process.exit(1);
    },
  );
}
