import type { BotFacts, Finding, StatusFacts } from './facts.ts';
import { isSettled } from './tolerance.ts';

/** Schedules that are paused or gone, and runs that failed. */
export function scheduleFindings({ schedules, failed_runs: failed, instance }: StatusFacts): Finding[] {
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
  ];
}

/** Not at once: the server lists a new schedule with a delay. */
function expectedSchedules(instance: BotFacts | null): readonly string[] {
  if (instance?.state !== 'ready' || !isSettled(instance)) return [];
  const collecting = instance.markets.map((market) => `collect-${market}`);
  if (instance.account === null) return collecting;
  return [...collecting, ...instance.markets.map((market) => `trade-${market}`), 'reconcile'];
}
