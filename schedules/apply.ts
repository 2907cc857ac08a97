import { type Client, ScheduleAlreadyRunning, type ScheduleOptions } from '@temporalio/client';
import { type ScheduleInputs, scheduleDefinitions } from './definitions.ts';
import { listScheduleIds, unlessGone } from './operate.ts';
import { updateSchedule } from './update.ts';

export interface AppliedSchedule {
  readonly scheduleId: string;
  readonly change: 'created' | 'updated' | 'deleted';
  readonly paused: boolean;
}

/**
 * Makes the schedules be those of `inputs`: creates or updates each, and removes ours that are not among them. An update
 * replaces what runs and when, and keeps `state`: a redeploy must not resume what an operator paused.
 *
 * What is deleted may be another bot's: ask first whether it is (`scheduledAccounts`).
 */
export async function applySchedules(client: Client, inputs: ScheduleInputs): Promise<readonly AppliedSchedule[]> {
  const removed = await removeUnwantedSchedules(client, inputs);
  const definitions = scheduleDefinitions(inputs);
  const applied = await Promise.all(definitions.map((definition) => applySchedule(client, definition)));
  return [...applied, ...removed];
}

/**
 * Deletes our schedules that are not among those of `inputs`, such as of a market no longer collected, and ends their
 * runs: each would fail at every tick. Done before workers start, so that none of them picks such a run up.
 * What is deleted may be another bot's: ask first whether it is (`scheduledAccounts`).
 */
export async function removeUnwantedSchedules(
  client: Client,
  inputs: ScheduleInputs,
): Promise<readonly AppliedSchedule[]> {
  const wanted = new Set(scheduleDefinitions(inputs).map(({ scheduleId }) => scheduleId));
  const unwanted = (await listScheduleIds(client)).filter((id) => !wanted.has(id));
  return Promise.all(
    unwanted.map(async (scheduleId) => {
      await unlessGone(client.schedule.getHandle(scheduleId).delete());
      await endRuns(client, scheduleId);
      return { scheduleId, change: 'deleted' as const, paused: false };
    }),
  );
}

async function endRuns(client: Client, scheduleId: string): Promise<void> {
  const query = `TemporalScheduledById = "${scheduleId}" AND ExecutionStatus = "Running"`;
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    await client.workflow.getHandle(workflowId, runId).terminate(`schedule ${scheduleId} is no longer wanted`);
  }
}

async function applySchedule(client: Client, definition: ScheduleOptions): Promise<AppliedSchedule> {
  const { scheduleId } = definition;
  try {
    await client.schedule.create(definition);
    return { scheduleId, change: 'created', paused: definition.state?.paused ?? false };
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  return { scheduleId, change: 'updated', ...(await updateSchedule(client, definition)) };
}
