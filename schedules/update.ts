import { randomUUID } from 'node:crypto';
import { type Client, isGrpcServiceError, type ScheduleDescription, type ScheduleOptions } from '@temporalio/client';
import {
  compileUpdatedScheduleOptions,
  decodeScheduleAction,
  decodeScheduleSpec,
  encodeScheduleAction,
  encodeSchedulePolicies,
  encodeScheduleSpec,
} from '@temporalio/client/lib/schedule-helpers.js';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
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
 * outdated update without a word, so that we look whether what we sent is there, and else begin again. That somebody's
 * update was taken is not enough: of two who apply at once one would take the other's for its own.
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
    const sent = await sendUpdate(client, definition, before);
    const after = await handle.describe();
    if (await isThere(client, sent, after)) return { paused: after.state.paused };
    before = after;
  } while (performance.now() < giveUpAt);
  throw new UserError(`somebody changes schedule ${definition.scheduleId} all the time; try again when that has ended`);
}

type Wire = NonNullable<ScheduleDescription['raw']['schedule']>;

async function sendUpdate(client: Client, definition: ScheduleOptions, { raw }: ScheduleDescription): Promise<Wire> {
  const { scheduleId, spec, action, policies } = definition;
  const { namespace, loadedDataConverter, identity } = client.options;
  const compiled = compileUpdatedScheduleOptions(scheduleId, { spec, action, policies } as never);
  const schedule = {
    spec: encodeScheduleSpec(compiled.spec),
    action: await encodeScheduleAction(loadedDataConverter, namespace, compiled.action, {}),
    policies: encodeSchedulePolicies(compiled.policies),
    state: raw.schedule?.state ?? null,
  };
  try {
    await client.workflowService.updateSchedule({
      ...{ namespace, scheduleId, identity, schedule },
      requestId: randomUUID(),
      conflictToken: raw.conflictToken ?? null,
    });
  } catch (error) {
    // The coming generation of the server says that an update is outdated.
    const outdated = isGrpcServiceError(error) && error.code === FAILED_PRECONDITION;
    if (!outdated || !/conflict token/.test(error.details)) throw error;
  }
  return schedule;
}

async function isThere(client: Client, sent: Wire, { raw }: ScheduleDescription): Promise<boolean> {
  if (!raw.schedule) return false;
  const [ours, theirs] = await Promise.all([contentOf(client, sent), contentOf(client, raw.schedule)]);
  return ours === theirs;
}

/** What runs, when, and under which policies, in words that are the same for the same. */
async function contentOf({ options }: Client, { spec, action, policies }: Wire): Promise<string> {
  const { typedSearchAttributes: _, ...run } = await decodeScheduleAction(
    options.loadedDataConverter,
    options.namespace,
    action ?? {},
  );
  const { overlapPolicy, catchupWindow, pauseOnFailure } = policies ?? {};
  const content = {
    ...{ spec: decodeScheduleSpec(spec ?? {}), run },
    policies: { overlapPolicy, pauseOnFailure, catchupWindow: optionalTsToMs(catchupWindow) },
  };
  return JSON.stringify(content, (_key, value) => (MEANS_NOTHING.has(value) ? undefined : value));
}

/** The server leaves out what is zero or empty, and so do we. */
const MEANS_NOTHING = new Set<unknown>([null, undefined, '', 0, false]);
