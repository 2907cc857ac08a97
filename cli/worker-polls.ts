import type { Client } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';
import type { TaskQueue } from '../workers/task-queues.ts';
import { TASK_QUEUES } from '../workers/task-queues.ts';

/** The wire's number; @temporalio/proto has it by name but is not a dependency of ours. Every worker of ours polls it. */
const WORKFLOW_QUEUE = 1;

/** A worker asks for work again at the latest when its long poll of a minute is over. */
const SILENT_AFTER_MS = 90_000;

/** Who asks the Temporal server for the work of a task queue, whoever started that process. */
export interface WorkerPolls {
  readonly queue: TaskQueue;
  /** Those who asked lately; the server remembers for minutes those that are gone. */
  readonly workers: readonly string[];
  /** When anybody asked last, as far as the server remembers. */
  readonly last_poll_at: Date | null;
}

export async function readWorkerPolls(client: Client, queue: TaskQueue, now = new Date()): Promise<WorkerPolls> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: TASK_QUEUES[queue] },
    taskQueueType: WORKFLOW_QUEUE,
  });
  const polls = (pollers ?? []).map(({ identity, lastAccessTime }) => ({
    worker: identity ?? 'nameless',
    at: tsToMs(lastAccessTime),
  }));
  return {
    queue,
    workers: polls.filter(({ at }) => now.getTime() - at <= SILENT_AFTER_MS).map(({ worker }) => worker),
    last_poll_at: polls.length === 0 ? null : new Date(Math.max(...polls.map(({ at }) => at))),
  };
}
