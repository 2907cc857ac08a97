import { Client } from '@temporalio/client';
import { connectTemporal } from '../../cli/temporal-session.ts';
import { readWorkerPolls } from '../../cli/worker-polls.ts';
import { temporalTarget } from '../../config/temporal-target.ts';
import { UserError } from '../../config/user-error.ts';
import { oneShot } from './one-shot.ts';
import { queueArgument } from './queue-argument.ts';

/** `node worker-health.ts QUEUE`: whether a worker asks the Temporal server for that queue's work. */
const queue = queueArgument();
await oneShot(async () => {
  const target = temporalTarget(process.env);
  const client = new Client({ connection: await connectTemporal(target), namespace: target.namespace });
  const { workers, last_poll_at: lastPoll } = await readWorkerPolls(client, queue);
  if (workers.length === 0) throw new UserError(`no worker asks for the work of task queue ${queue}`);
  const silentMs = Date.now() - (lastPoll?.getTime() ?? 0);
  return `task queue ${queue} is served; last poll ${Math.round(silentMs / 1_000)} s ago`;
});
