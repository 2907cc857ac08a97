import { Client } from '@temporalio/client';
import { connectTemporal } from '../../cli/temporal-session.ts';
import { targetOf } from '../../cli/up/run-addresses.ts';
import { candleTimeAttribute } from '../../workflows/search-attributes.ts';
import type { BenchBot } from './bench-bot.ts';

/** A run's workflow and activities as Temporal recorded them: `decide started` → wall instant, epoch ms. */
export type RunHops = Readonly<Record<string, number>>;

/**
 * What Temporal wrote down of the runs of one workflow, by the candle they were about (its open, epoch ms of market
 * time). An activity that was tried again counts from its last attempt.
 */
export async function readRunHops(
  bot: BenchBot,
  workflow: 'CollectWorkflow' | 'TradeWorkflow',
  candles: ReadonlySet<number>,
): Promise<ReadonlyMap<number, RunHops>> {
  const target = targetOf(bot.instance);
  const connection = await connectTemporal(target);
  try {
    const client = new Client({ connection, namespace: target.namespace });
    const found = new Map<number, RunHops>();
    const query = `WorkflowType = "${workflow}" AND ExecutionStatus = "Completed"`;
    for await (const run of client.workflow.list({ query })) {
      const candle = run.typedSearchAttributes.get(candleTimeAttribute)?.getTime();
      if (candle === undefined || !candles.has(candle) || found.has(candle)) continue;
      found.set(candle, hopsOf(await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory()));
    }
    return found;
  } finally {
    await connection.close();
  }
}

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;

function hopsOf(history: History): RunHops {
  const names = new Map<string, string>();
  const hops: Record<string, number> = {};
  for (const event of history.events ?? []) {
    const at = Number(event.eventTime?.seconds ?? 0) * 1_000 + (event.eventTime?.nanos ?? 0) / 1e6;
    if (event.workflowExecutionStartedEventAttributes) hops['run started'] = at;
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) names.set(String(event.eventId), scheduled.activityType?.name ?? '');
    const ended = event.activityTaskStartedEventAttributes ?? event.activityTaskCompletedEventAttributes;
    const name = scheduled ? scheduled.activityType?.name : names.get(String(ended?.scheduledEventId));
    if (name === undefined) continue;
    hops[`${name} ${scheduled ? 'ordered' : event.activityTaskStartedEventAttributes ? 'started' : 'done'}`] = at;
  }
  return hops;
}
