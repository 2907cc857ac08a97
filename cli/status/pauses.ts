import type { ScheduleState } from '../../schedules/operate.ts';

/**
 * Markets whose trading is paused, each with when its last run began, wall time: candles that nobody decides on from then
 * on are the pause's doing. The server does not keep when a pause began. Null where a run was triggered by hand since, so
 * that the pause began earlier than the schedule tells, or where there was none.
 */
export function pausedSince(schedules: readonly ScheduleState[]): ReadonlyMap<string, Date | null> {
  const paused = schedules.filter(({ kind, paused }) => kind === 'trade' && paused);
  return new Map(
    paused.flatMap(({ market, last_run_at: ran, last_triggered_at: triggered }): [string, Date | null][] => {
      const byHand = ran !== null && ran.getTime() === triggered?.getTime();
      return market === null ? [] : [[market, byHand ? null : ran]];
    }),
  );
}
