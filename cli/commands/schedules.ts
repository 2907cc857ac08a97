import type { Market } from '../../config/market.ts';
import { TIMEFRAMES } from '../../config/timeframe.ts';
import { UserError } from '../../config/user-error.ts';
import { applySchedules } from '../../schedules/apply.ts';
import { listSchedules, type ScheduleState } from '../../schedules/operate.ts';
import { type CommonOptions, commandContext, readyInstance } from '../context.ts';
import { renderJson, renderTable } from '../output.ts';
import { withTemporal } from '../temporal-session.ts';
import { optimizeAt } from '../up/optimize-at.ts';

export interface SchedulesOptions extends CommonOptions {
  readonly market?: Market;
  readonly limit: number;
}

/** Lists the schedules with state, last and next run. */
export async function schedules(options: SchedulesOptions): Promise<void> {
  const context = commandContext(options);
  const states = await withTemporal(context, ({ client }) => listSchedules(client));
  const shown = states.filter((state) => options.market === undefined || state.market === options.market);
  const page = shown.slice(0, options.limit);
  context.output.result(options.json ? renderJson(page) : scheduleTable(page));
}

export function scheduleTable(states: readonly ScheduleState[]): string {
  if (states.length === 0) return 'no schedules; durabit up makes them, or: durabit schedules apply';
  const rows = states.map((state) => ({
    ...state,
    state: state.paused ? 'paused' : 'active',
    every: state.every_seconds === null ? '' : `${state.every_seconds} s`,
    note: state.note ?? '',
  }));
  const triggered = rows.some((row) => row.last_triggered_at) ? ([['last_triggered_at', 'TRIGGERED']] as const) : [];
  return renderTable(rows, [
    ['schedule_id', 'SCHEDULE'],
    ['state', 'STATE'],
    ['every', 'EVERY'],
    ['last_run_at', 'LAST RUN'],
    ...triggered,
    ['next_run_at', 'NEXT RUN'],
    ['skipped', 'SKIPPED'],
    ['note', 'NOTE'],
  ]);
}

/** Creates or updates the schedules of the configured markets; what an operator paused stays paused. */
export async function schedulesApply(options: CommonOptions): Promise<void> {
  const context = commandContext(options);
  const instance = readyInstance(context);
  const markets = context.settings.MARKETS ?? (instance?.markets as Market[] | undefined);
  if (markets === undefined) {
    throw new UserError('MARKETS is not set and no durabit is running; set for example MARKETS=KRW-BTC', 2);
  }
  const intervalMs = instance?.candleIntervalMs ?? context.settings.CANDLE_INTERVAL_MS;
  const timeframe = Object.keys(TIMEFRAMES)[0] as keyof typeof TIMEFRAMES;
  const nextSearch = instance === null ? undefined : await optimizeAt(instance);
  const applied = await withTemporal(context, ({ client }) =>
    applySchedules(client, {
      ...{ markets, timeframe, intervalMs, account: instance?.account ?? undefined },
      optimizeAt: nextSearch,
    }),
  );
  context.output.result(
    options.json
      ? renderJson(applied.map(({ scheduleId, ...rest }) => ({ schedule_id: scheduleId, ...rest })))
      : applied.map((one) => `${one.change} ${one.scheduleId}${one.paused ? ' (stays paused)' : ''}`).join('\n'),
  );
}
