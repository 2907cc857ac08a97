import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleClient,
  type ScheduleOptions,
  type ScheduleUpdateOptions,
} from '@temporalio/client';
import { type ScheduleInputs, scheduleDefinitions } from './definitions.ts';

export interface AppliedSchedule {
  readonly scheduleId: string;
  readonly change: 'created' | 'updated';
  readonly paused: boolean;
}

/**
 * Creates or updates every schedule. An update replaces what runs and when, and keeps `state`: a redeploy must not
 * resume what an operator paused.
 */
export async function applySchedules(client: Client, inputs: ScheduleInputs): Promise<readonly AppliedSchedule[]> {
  return Promise.all(scheduleDefinitions(inputs).map((definition) => applySchedule(client.schedule, definition)));
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
