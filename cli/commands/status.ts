import { parseMarket } from '../../config/market.ts';
import { type CandleSummary, summarizeCandles } from '../../db/candles.ts';
import { ExchangeError } from '../../exchange/errors.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { type FailureCount, recentFailures } from '../../schedules/failures.ts';
import { listSchedules, type ScheduleState } from '../../schedules/operate.ts';
import { type CommandContext, type CommonOptions, commandContext, readyInstance } from '../context.ts';
import { withDatabase } from '../database-session.ts';
import { grouped, renderJson, renderTable } from '../output.ts';
import { withTemporal } from '../temporal-session.ts';
import type { RunningInstance } from '../up/instance-file.ts';
import { scheduleTable } from './schedules.ts';

/** A collection run that waits for a late candle or a restarting server is this far behind; more needs a look. */
const TOLERATED_LAG_MINUTES = 5;

const FAILURES_WITHIN_MS = 10 * 60_000;

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
  const temporal = await readTemporal(context, instance);
  const clock = instance === null ? null : await readExchangeClock(instance);
  const schedules = temporal?.schedules ?? null;
  const found: Status = {
    running: instance !== null,
    instance: instance === null ? null : describeInstance(instance),
    candles,
    schedules,
    wrong: [
      ...gaps(candles),
      ...(instance === null ? [] : lagging(candles, instance.markets, clock)),
      ...paused(schedules ?? []),
      ...(temporal?.failed ?? []).map(failedText),
    ],
  };
  context.output.result(options.json ? renderJson(found) : statusText(found, context));
}

async function readTemporal(context: CommandContext, instance: RunningInstance | null) {
  if (instance === null && context.settings.TEMPORAL_ADDRESS === undefined) return null;
  return withTemporal(context, async ({ client }) => ({
    schedules: await listSchedules(client),
    failed: await recentFailures(client, new Date(Date.now() - FAILURES_WITHIN_MS)),
  }));
}

/** The exchange's clock, or null when it does not answer: that is worth a line, not the end of the whole screen. */
async function readExchangeClock(instance: RunningInstance): Promise<number | null> {
  const [market] = instance.markets;
  try {
    const exchange = createUpbitClient({ baseUrl: instance.exchangeUrl });
    return (await exchange.fetchMinuteCandles(parseMarket(market ?? ''), { count: 1 })).exchangeClock;
  } catch (error) {
    if (error instanceof ExchangeError) return null;
    throw error;
  }
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

function gaps(candles: readonly CandleSummary[]): string[] {
  return candles
    .filter((summary) => summary.missing > 0)
    .map(
      ({ market, missing }) =>
        `${market}: ${missing} minutes not collected yet (durabit candles --gaps); they heal by themselves`,
    );
}

/** Markets the running instance should have collected up to the exchange's clock and has not. */
function lagging(candles: readonly CandleSummary[], markets: readonly string[], clock: number | null): string[] {
  if (clock === null) return ['the exchange does not answer'];
  return markets.flatMap((market) => {
    const until = candles.find((summary) => summary.market === market)?.covered_until;
    if (until === undefined || until === null) return [`${market}: nothing collected yet`];
    const minutes = Math.floor((clock - until.getTime()) / 60_000);
    return minutes < TOLERATED_LAG_MINUTES ? [] : [`${market}: not collected for ${minutes} minutes of market time`];
  });
}

function paused(schedules: readonly ScheduleState[]): string[] {
  return schedules
    .filter((schedule) => schedule.paused)
    .map(({ schedule_id: id, note }) => `${id} is paused${note ? `: ${note}` : ''}`);
}

function failedText({ type, market, count }: FailureCount): string {
  const runs = count === 1 ? 'run' : 'runs';
  return `${count} ${runs} of ${type}${market === null ? '' : ` for ${market}`} failed in the last ten minutes; see the Temporal Web UI`;
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
    found.wrong.length === 0
      ? found.running
        ? 'nothing is wrong'
        : 'nothing is wrong with what is stored'
      : `to look at:\n${found.wrong.map((line) => `  ${line}`).join('\n')}`,
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
    ['no_trade', 'NO TRADE'],
    ['missing', 'MISSING'],
    ['corrected', 'CORRECTED'],
    ['late', 'LATE'],
  ]);
}
