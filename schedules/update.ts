import { randomUUID } from 'node:crypto';
import { type Client, isGrpcServiceError, type ScheduleDescription, type ScheduleOptions } from '@temporalio/client';
import {
  compileUpdatedScheduleOptions,
  encodeScheduleAction,
  encodeSchedulePolicies,
  encodeScheduleSpec,
} from '@temporalio/client/lib/schedule-helpers.js';
import { UserError } from '../config/user-error.ts';

/** One try takes about 10 ms; whoever changes a schedule for so long without a pause is not an operator. */
const PATIENCE_MS = 20_000;

/** The wire's number for a request that does not fit what is there. */
const FAILED_PRECONDITION = 9;

/**
 * Replaces what runs and when, and keeps the state: paused or not, and the note.
 *
 * The update says which version of the schedule it was made from, which the SDK's own `update` does not: a pause between
 * it and the look before it would be undone (10 of 40 that came while schedules were applied). The server drops an
 * outdated update without a word, so that we look whether ours is there, and else begin again.
 *
 * @returns whether the schedule is paused
 * @throws {UserError} when others change the schedule all the time
 */
export async function updateSchedule(
  client: Client,
  definition: ScheduleOptions,
  patienceMs = PATIENCE_MS,
): Promise<{ paused: boolean }> {
  const handle = client.schedule.getHandle(definition.scheduleId);
  const giveUpAt = performance.now() + patienceMs;
  let before = await handle.describe();
  do {
    await sendUpdate(client, definition, before);
    const after = await handle.describe();
    if (updatedAt(after) !== updatedAt(before)) return { paused: after.state.paused };
    before = after;
  } while (performance.now() < giveUpAt);
  throw new UserError(`somebody changes schedule ${definition.scheduleId} all the time; try again when that has ended`);
}

async function sendUpdate(client: Client, definition: ScheduleOptions, { raw }: ScheduleDescription): Promise<void> {
  const { scheduleId, spec, action, policies } = definition;
  const { namespace, loadedDataConverter, identity } = client.options;
  const compiled = compileUpdatedScheduleOptions(scheduleId, { spec, action, policies } as never);
  const request = client.workflowService.updateSchedule({
    namespace,
    scheduleId,
    identity,
    requestId: randomUUID(),
    conflictToken: raw.conflictToken ?? null,
    schedule: {
      spec: encodeScheduleSpec(compiled.spec),
      action: await encodeScheduleAction(loadedDataConverter, namespace, compiled.action, {}),
      policies: encodeSchedulePolicies(compiled.policies),
      state: raw.schedule?.state ?? null,
    },
  });
  try {
    await request;
  } catch (error) {
    // The coming generation of the server says that an update is outdated.
    const outdated = isGrpcServiceError(error) && error.code === FAILED_PRECONDITION;
    if (!outdated || !/conflict token/.test(error.details)) throw error;
  }
}

/** When an update was taken last, to the nanosecond: pauses and runs leave it as it is. */
function updatedAt({ raw }: ScheduleDescription): string {
  const { seconds, nanos } = raw.info?.updateTime ?? {};
  return `${seconds ?? 0}.${nanos ?? 0}`;
}
