import { type Client, type ScheduleHandle, ScheduleOverlapPolicy } from '@temporalio/client';
import { UserError } from '../config/user-error.ts';
import { SCHEDULE_KINDS, type ScheduleKind } from './kinds.ts';

/** One schedule as an operator sees it; names as the command line's JSON has them. */
export interface ScheduleState extends Record<string, unknown> {
  readonly schedule_id: string;
  readonly kind: ScheduleKind;
  /** Null for schedules that serve all markets. */
  readonly market: string | null;
  readonly paused: boolean;
  readonly note: string | null;
  readonly every_seconds: number | null;
  readonly last_run_at: Date | null;
  readonly next_run_at: Date | null;
  readonly runs: number;
  /** Ticks skipped because the run before was still going. */
  readonly skipped: number;
  /** Ticks that fell into a time when nothing ran; what they would have fetched, the next run fetches. */
  readonly ticks_while_down: number;
}

/** Ids of all schedules of the bot, sorted. What was made a moment ago may be missing: the server lists it with a delay. */
export async function listScheduleIds(client: Client): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const summary of client.schedule.list()) {
    if (kindOf(summary.scheduleId) !== undefined) ids.push(summary.scheduleId);
  }
  return ids.sort();
}

/** All schedules of the bot, by id. */
export async function listSchedules(client: Client): Promise<readonly ScheduleState[]> {
  const ids = await listScheduleIds(client);
  return Promise.all(ids.map((id) => describe(client.schedule.getHandle(id), id)));
}

async function describe(handle: ScheduleHandle, id: string): Promise<ScheduleState> {
  const { spec, state, info } = await handle.describe();
  const kind = kindOf(id);
  if (kind === undefined) throw new Error(`${id} is not one of our schedules`);
  const every = spec.intervals?.[0]?.every;
  return {
    schedule_id: id,
    kind,
    market: id === kind ? null : id.slice(kind.length + 1),
    paused: state.paused,
    note: state.note ?? null,
    every_seconds: every === undefined ? null : Number(every) / 1_000,
    last_run_at: info.recentActions.at(-1)?.takenAt ?? null,
    next_run_at: state.paused ? null : (info.nextActionTimes[0] ?? null),
    runs: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
    ticks_while_down: info.numActionsMissedCatchupWindow,
  };
}

function kindOf(scheduleId: string): ScheduleKind | undefined {
  return SCHEDULE_KINDS.find((kind) => scheduleId === kind || scheduleId.startsWith(`${kind}-`));
}

export type Operation = 'pause' | 'resume' | 'trigger';

/**
 * Pauses, resumes or triggers the schedules of a kind (or `all`), of one market or every market.
 * A trigger obeys the overlap policy we run with, skip: the SDK's own default would let runs overlap.
 *
 * @returns ids of the schedules it was done to
 * @throws {UserError} when no schedule fits
 */
export async function operateSchedules(
  client: Client,
  operation: Operation,
  which: { readonly kind: ScheduleKind | 'all'; readonly market?: string | undefined; readonly reason: string },
): Promise<readonly string[]> {
  const all = await listSchedules(client);
  const chosen = all.filter(
    (state) =>
      (which.kind === 'all' || state.kind === which.kind) &&
      (which.market === undefined || state.market === which.market),
  );
  if (chosen.length === 0) {
    const known = all.map((state) => state.schedule_id).join(', ') || 'none';
    throw new UserError(
      `there is no ${which.kind === 'all' ? '' : `${which.kind} `}schedule${which.market ? ` of ${which.market}` : ''}; known: ${known}`,
    );
  }
  await Promise.all(
    chosen.map(async (state) => {
      const handle = client.schedule.getHandle(state.schedule_id);
      if (operation === 'pause') await handle.pause(which.reason);
      if (operation === 'resume') await handle.unpause(which.reason);
      if (operation === 'trigger') await handle.trigger(ScheduleOverlapPolicy.SKIP);
    }),
  );
  return chosen.map((state) => state.schedule_id);
}
