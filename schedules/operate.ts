import { type Client, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { z } from 'zod';
import { UserError } from '../config/user-error.ts';
import { everyText } from './every-text.ts';
import { SCHEDULE_KINDS, type ScheduleKind } from './kinds.ts';

/** One schedule as an operator sees it; names as the command line's JSON has them. */
export interface ScheduleState extends Record<string, unknown> {
  readonly schedule_id: string;
  readonly kind: ScheduleKind;
  /** Null for schedules that serve all markets. */
  readonly market: string | null;
  readonly paused: boolean;
  readonly note: string | null;
  /** `60 s`, `daily 00:05 KST` */
  readonly every: string;
  /** Null where a calendar says when. */
  readonly every_seconds: number | null;
  readonly last_run_at: Date | null;
  /** When an operator last started a run by hand, as far as it is among the newest ten runs; the server keeps no more. */
  readonly last_triggered_at?: Date | null;
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
  const states = await Promise.all(ids.map((id) => unlessGone(describe(client, id))));
  return states.filter((state) => state !== undefined);
}

/** What was asked about a schedule; undefined where it was deleted, which the server's list tells with a delay. */
export async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/** One schedule of the bot, by its id. @throws {UserError} when the bot has none of that id, naming those it has */
export async function describeSchedule(client: Client, scheduleId: string): Promise<ScheduleState> {
  return ofTheBot(client, scheduleId, () => describe(client, scheduleId));
}

async function describe(client: Client, id: string): Promise<ScheduleState> {
  const { spec, state, info } = await client.schedule.getHandle(id).describe();
  const kind = kindOf(id);
  if (kind === undefined) throw new Error(`${id} is not one of our schedules`);
  const every = spec.intervals?.[0]?.every;
  const triggered = info.recentActions.findLast(({ scheduledAt }) => !isTick(scheduledAt));
  return {
    schedule_id: id,
    kind,
    market: id === kind ? null : id.slice(kind.length + 1),
    paused: state.paused,
    note: state.note ?? null,
    every: everyText(spec),
    every_seconds: every === undefined ? null : Number(every) / 1_000,
    last_run_at: info.recentActions.at(-1)?.takenAt ?? null,
    last_triggered_at: triggered?.takenAt ?? null,
    next_run_at: state.paused ? null : (info.nextActionTimes[0] ?? null),
    runs: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
    ticks_while_down: info.numActionsMissedCatchupWindow,
  };
}

/**
 * Whether a run was due at a tick of its schedule. The server does not say which runs a person started, but dates those
 * at the instant they were asked for, to the millisecond, and ticks are whole seconds.
 */
function isTick(scheduledAt: Date): boolean {
  return scheduledAt.getMilliseconds() === 0;
}

/** The accounts that the schedules have traded, as their runs are told; none where candles are only collected. */
export async function scheduledAccounts(client: Client): Promise<readonly string[]> {
  const ids = (await listScheduleIds(client)).filter((id) => kindOf(id) !== 'collect');
  const found = await Promise.all(ids.map((id) => unlessGone(client.schedule.getHandle(id).describe())));
  const accounts = found.flatMap((schedule) => TRADES.safeParse(schedule?.action.args?.[0]).data?.account ?? []);
  return [...new Set(accounts)].sort();
}

/** What a run that trades is told, as far as it is looked at here. */
const TRADES = z.object({ account: z.string() });

function kindOf(scheduleId: string): ScheduleKind | undefined {
  return SCHEDULE_KINDS.find((kind) => scheduleId === kind || scheduleId.startsWith(`${kind}-`));
}

async function ofTheBot<T>(client: Client, scheduleId: string, work: () => Promise<T>): Promise<T> {
  try {
    if (kindOf(scheduleId) !== undefined) return await work();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
  const known = (await listScheduleIds(client)).join(', ') || 'none';
  throw new UserError(`the bot has no schedule "${scheduleId}"; known: ${known}`);
}

export type Operation = 'pause' | 'resume' | 'trigger';

const DONE = { pause: 'paused', resume: 'resumed', trigger: 'triggered' } as const;

/** What the schedule's note says of it: the operator's reason, who that was, and with which words. */
export function operatorNote(
  operation: Operation,
  by: { readonly operator: string; readonly words: string; readonly reason?: string | undefined },
): string {
  const { operator, words, reason } = by;
  const signature = `${operator} with ${words}`;
  return reason === undefined ? `${DONE[operation]} by ${signature}` : `${reason} (${signature})`;
}

/**
 * Pauses, resumes or triggers the schedules of a kind (or `all`), of one market or every market.
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
  await Promise.all(chosen.map((state) => operateSchedule(client, operation, state.schedule_id, which)));
  return chosen.map((state) => state.schedule_id);
}

/**
 * Pauses, resumes or triggers one schedule of the bot, by its id. A trigger obeys the overlap policy we run with, skip,
 * unless told otherwise: the SDK's own default would let runs overlap.
 *
 * @throws {UserError} when the bot has none of that id, naming those it has
 */
export async function operateSchedule(
  client: Client,
  operation: Operation,
  scheduleId: string,
  how: { readonly reason: string; readonly overlap?: ScheduleOverlapPolicy | undefined },
): Promise<void> {
  const handle = client.schedule.getHandle(scheduleId);
  await ofTheBot(client, scheduleId, async () => {
    if (operation === 'pause') await handle.pause(how.reason);
    if (operation === 'resume') await handle.unpause(how.reason);
    if (operation === 'trigger') await handle.trigger(how.overlap ?? ScheduleOverlapPolicy.SKIP);
  });
}
