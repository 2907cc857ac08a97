import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleClient,
  type ScheduleOptions,
  type ScheduleUpdateOptions,
} from '@temporalio/client';
import { type ScheduleInputs, scheduleDefinitions } from './definitions.ts';
import { listScheduleIds } from './operate.ts';

export interface AppliedSchedule {
  readonly scheduleId: string;
  readonly change: 'created' | 'updated' | 'deleted';
  readonly paused: boolean;
}

/**
 * Makes the schedules be those of `inputs`: creates or updates each, and deletes ours that are not among them, such as
 * of a market no longer collected, which would fail at every tick. An update replaces what runs and when, and keeps
 * `state`: a redeploy must not resume what an operator paused.
 */
export async function applySchedules(client: Client, inputs: ScheduleInputs): Promise<readonly AppliedSchedule[]> {
  const definitions = scheduleDefinitions(inputs);
  const wanted = new Set(definitions.map(({ scheduleId }) => scheduleId));
  const unwanted = (await listScheduleIds(client)).filter((id) => !wanted.has(id));
  return [
    ...(await Promise.all(definitions.map((definition) => applySchedule(client.schedule, definition)))),
    ...(await Promise.all(unwanted.map((id) => deleteSchedule(client.schedule, id)))),
  ];
}

async function deleteSchedule(schedules: ScheduleClient, scheduleId: string): Promise<AppliedSchedule> {
  await schedules.getHandle(scheduleId).delete();
  return { scheduleId, change: 'deleted', paused: false };
}

async function applySchedule(schedules: ScheduleClient, definition: ScheduleOptions): Promise<AppliedSchedule> {
  const { scheduleId } = definition;
  try {
    await schedules.create(definition);
    return { scheduleId, change: 'created', paused: false };
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  let paused = false;
  await schedules.getHandle(scheduleId).update((previous) => {
    paused = previous.state.paused;
    const { spec, action, policies } = definition;
    return { spec, action, policies, state: previous.state } as ScheduleUpdateOptions;
  });
  return { scheduleId, change: 'updated', paused };
}
