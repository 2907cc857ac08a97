import { type CandleSummary, summarizeCandles } from '../../db/candles.ts';
import { listSchedules, type ScheduleState } from '../../schedules/operate.ts';
import { type CommandContext, type CommonOptions, commandContext, readyInstance } from '../context.ts';
import { withDatabase } from '../database-session.ts';
import { grouped, renderJson, renderTable } from '../output.ts';
import { withTemporal } from '../temporal-session.ts';
import type { RunningInstance } from '../up/instance-file.ts';
import { scheduleTable } from './schedules.ts';

interface Status {
  readonly running: boolean;
  readonly instance: ReturnType<typeof describeInstance> | null;
  readonly candles: readonly CandleSummary[];
  /** Null when no Temporal server is known. */
  readonly schedules: readonly ScheduleState[] | null;
  /** One sentence per thing that needs a person. Empty when all is well. */
  readonly wrong: readonly string[];
}

/** One screen: what runs, what is collected, what is wrong. */
export async function status(options: CommonOptions): Promise<void> {
  const context = commandContext(options);
  const instance = readyInstance(context);
  const candles = await withDatabase(context, (db) => summarizeCandles(db));
  const schedules = await readSchedules(context, instance);
  const found: Status = {
    running: instance !== null,
    instance: instance === null ? null : describeInstance(instance),
    candles,
    schedules,
    wrong: whatIsWrong(candles, schedules),
  };
  context.output.result(options.json ? renderJson(found) : statusText(found, context));
}

async function readSchedules(
  context: CommandContext,
  instance: RunningInstance | null,
): Promise<readonly ScheduleState[] | null> {
  if (instance === null && context.settings.TEMPORAL_ADDRESS === undefined) return null;
  return withTemporal(context, ({ client }) => listSchedules(client));
}

/** The instance without its database password. */
function describeInstance(instance: RunningInstance) {
  return {
    pid: instance.supervisor.pid,
    started_at: instance.startedAt,
    feed: instance.feed,
    markets: instance.markets,
    speed: instance.speed,
    candle_interval_ms: instance.candleIntervalMs,
    temporal_ui_url: instance.temporalUiUrl,
    temporal_address: instance.temporalAddress,
    exchange_url: instance.exchangeUrl,
    pids: instance.pids,
  };
}

function whatIsWrong(candles: readonly CandleSummary[], schedules: readonly ScheduleState[] | null): string[] {
  return [
    ...candles
      .filter((summary) => summary.missing > 0)
      .map(
        (summary) =>
          `${summary.market}: ${summary.missing} minutes not collected yet (durabit candles --gaps); they heal by themselves`,
      ),
    ...(schedules ?? [])
      .filter((schedule) => schedule.paused)
      .map((schedule) => `${schedule.schedule_id} is paused${schedule.note ? `: ${schedule.note}` : ''}`),
  ];
}

function statusText(found: Status, context: CommandContext): string {
  const { instance } = found;
  const head =
    instance === null
      ? [`durabit is not running on data directory ${context.dataDir}; start it with: npm start`]
      : [
          `durabit runs since ${instance.started_at} (pid ${instance.pid}): ${instance.feed} prices, speed ${instance.speed}`,
          `Temporal ${instance.temporal_ui_url ?? instance.temporal_address} · exchange ${instance.exchange_url}`,
        ];
  const sections = [
    head.join('\n'),
    candleTable(found.candles),
    ...(found.schedules === null ? [] : [scheduleTable(found.schedules)]),
    found.wrong.length === 0 ? 'nothing is wrong' : `to look at:\n${found.wrong.map((line) => `  ${line}`).join('\n')}`,
  ];
  return sections.join('\n\n');
}

function candleTable(candles: readonly CandleSummary[]): string {
  if (candles.length === 0) return 'no candles collected yet';
  const rows = candles.map((summary) => ({
    ...summary,
    candles: grouped(String(summary.candles)),
    close: summary.close === null ? '' : grouped(summary.close),
  }));
  return renderTable(rows, [
    ['market', 'MARKET'],
    ['candles', 'CANDLES'],
    ['newest', 'NEWEST CLOSED'],
    ['close', 'CLOSE KRW'],
    ['covered_from', 'COLLECTED SINCE'],
    ['missing', 'MISSING'],
    ['corrected', 'CORRECTED'],
    ['late', 'LATE'],
  ]);
}
