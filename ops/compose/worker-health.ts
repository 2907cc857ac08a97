import { Client } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { connectTemporal } from '../../cli/temporal-session.ts';
import { temporalTarget } from '../../config/temporal-target.ts';
import { UserError } from '../../config/user-error.ts';
import { TASK_QUEUES } from '../../workers/task-queues.ts';
import { oneShot } from './one-shot.ts';
import { queueArgument } from './queue-argument.ts';

/** The wire's number; @temporalio/proto has it by name but is not a dependency of ours. */
const WORKFLOW_QUEUE = 1;

/** A worker asks for work again at the latest when its long poll of a minute is over. */
const SILENT_AFTER_MS = 90_000;

/** `node worker-health.ts QUEUE`: whether a worker asks the Temporal server for that queue's work. */
const queue = queueArgument();
await oneShot(async () => {
  const target = temporalTarget(process.env);
  const { namespace } = target;
  const client = new Client({ connection: await connectTemporal(target), namespace });
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: TASK_QUEUES[queue] },
    taskQueueType: WORKFLOW_QUEUE,
  });
  const lastPoll = Math.max(...(pollers ?? []).map(({ lastAccessTime }) => tsToMs(lastAccessTime)));
  const silentMs = Date.now() - lastPoll;
  if (silentMs > SILENT_AFTER_MS) throw new UserError(`no worker asks for the work of task queue ${queue}`);
  return `task queue ${queue} is served; last poll ${Math.round(silentMs / 1_000)} s ago`;
});
