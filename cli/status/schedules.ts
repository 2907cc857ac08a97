import type { FailedSearch } from '../../schedules/failures.ts';
import type { ScheduleKind } from '../../schedules/kinds.ts';
import { wallTime } from '../output.ts';
import type { BotFacts, Finding, StatusFacts } from './facts.ts';
import { isSettled } from './tolerance.ts';

/** Schedules that are paused or gone, and runs that failed. */
export function scheduleFindings(facts: StatusFacts): Finding[] {
  const { schedules, failed_runs: failed, failed_searches: searches, instance } = facts;
  const paused = (schedules ?? [])
    .filter((schedule) => schedule.paused)
    .map(({ schedule_id: about, kind, market, note }) => ({
      about,
      problem: `paused${note ? `: ${note}` : ''}`,
      cure: `when it may go on: npx durabit resume ${kind}${market === null ? '' : ` --market ${market}`}`,
    }));
  const there = new Set((schedules ?? []).map((schedule) => schedule.schedule_id));
  const missing = schedules === null ? [] : expectedSchedules(instance).filter((id) => !there.has(id));
  return [
    ...paused,
    ...missing.map((about) => ({ about, problem: 'there is no such schedule', cure: 'npx durabit schedules apply' })),
    ...failed.map(({ type, market, count }) => ({
      about: market ?? type,
      problem: `${count} ${count === 1 ? 'run' : 'runs'}${market === null ? '' : ` of ${type}`} failed in the last ten minutes`,
      cure: 'the Temporal Web UI shows why',
    })),
    ...searches.flatMap((search) => failedSearch(search, there)),
  ];
}

/** A market that is no longer searched, and so cannot succeed either, is not told of. */
function failedSearch({ market, failed_at: at }: FailedSearch, there: ReadonlySet<string>): Finding[] {
  const about = `optimize-${market}`;
  if (!there.has(about)) return [];
  const problem = `the newest search of weights failed (${wallTime(at)})`;
  return [
    { about, problem, cure: `the Temporal Web UI shows why; again: npx durabit trigger optimize --market ${market}` },
  ];
}

/** Not at once: the server lists a new schedule with a delay. */
function expectedSchedules(instance: BotFacts | null): readonly string[] {
  if (instance?.state !== 'ready' || !isSettled(instance)) return [];
  const ofKind = (kind: ScheduleKind) => instance.markets.map((market) => `${kind}-${market}`);
  if (instance.account === null) return ofKind('collect');
  return [...ofKind('collect'), ...ofKind('trade'), ...ofKind('optimize'), 'reconcile'];
}
