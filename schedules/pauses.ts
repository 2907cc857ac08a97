import type { Client } from '@temporalio/client';
import { type ScheduleInputs, scheduleDefinitions } from './definitions.ts';

/** Ids of paused schedules, each with its note. */
export type Pauses = ReadonlyMap<string, string>;

/** What is paused now. Undefined where one of the schedules is not there: then the server cannot say. */
export async function readPauses(client: Client, inputs: ScheduleInputs): Promise<Pauses | undefined> {
  const listed = new Map<string, { paused: boolean; note?: string | undefined }>();
  for await (const { scheduleId, state } of client.schedule.list()) listed.set(scheduleId, state);
  const pauses = new Map<string, string>();
  for (const { scheduleId } of scheduleDefinitions(inputs)) {
    const state = listed.get(scheduleId);
    if (state === undefined) return undefined;
    if (state.paused) pauses.set(scheduleId, state.note ?? '');
  }
  return pauses;
}
