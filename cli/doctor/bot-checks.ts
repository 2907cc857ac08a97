import { endpointOf } from '../../config/endpoint.ts';
import { summarizeCandles } from '../../db/candles.ts';
import { requireDurableCommits } from '../../db/durability.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { listSchedules } from '../../schedules/operate.ts';
import { TASK_QUEUES, type TaskQueue } from '../../workers/task-queues.ts';
import { type CommandContext, readyInstance } from '../context.ts';
import { withDatabase } from '../database-session.ts';
import { type TemporalSession, withTemporal } from '../temporal-session.ts';
import { readWorkerPolls } from '../worker-polls.ts';
import { checkAccountKey } from './account-key.ts';
import { bad, type Finding, look } from './check.ts';
import { CLOCK_CURE, readMachineAhead, temporalClockFault } from './clocks.ts';
import { checkOtherBots, OTHER_BOTS_CURE } from './other-bots.ts';
import { checkStuckRuns } from './stuck-runs.ts';

/** Real and market time may differ by so much before a candle would be asked for too early or too late. */
const TOLERATED_CLOCK_MS = 1_500;

/** What a running bot stands on: database, Temporal, workers, schedules, exchange. */
export async function checkBot(context: CommandContext): Promise<Finding[]> {
  return [
    await look('database', 'see DATABASE_URL; then npx durabit migrate', () =>
      withDatabase(context, async (db) => {
        await requireDurableCommits(db);
        const stored = (await summarizeCandles(db)).map(({ market, candles }) => `${market} ${candles} candles`);
        return `reachable, durable, up to date; ${stored.join(', ') || 'no candles yet'}`;
      }),
    ),
    await look('other bots', OTHER_BOTS_CURE, () => withDatabase(context, (db) => checkOtherBots(db))),
    ...(await checkTemporal(context)),
    await look('exchange', 'see UPBIT_BASE_URL and the network', () => checkExchange(context)),
    ...(await checkAccountKey(context.settings)),
  ];
}

async function checkTemporal(context: CommandContext): Promise<Finding[]> {
  try {
    return await withTemporal(context, async (session) => [
      await look('temporal', 'npx durabit schedules apply, or start with npm start', async () => {
        const { namespaceInfo } = await session.client.workflowService.describeNamespace({
          namespace: session.namespace,
        });
        return `${session.address}, namespace ${namespaceInfo?.name}`;
      }),
      ...(await Promise.all(Object.keys(TASK_QUEUES).map((queue) => checkWorker(session, queue as TaskQueue)))),
      await look('schedules', 'npx durabit schedules apply', () => checkSchedules(session)),
      ...(await checkStuckRuns(session, context.settings.TEMPORAL_CLI_PATH)),
      await look('temporal clock', CLOCK_CURE, () => checkTemporalClock(context, session)),
    ]);
  } catch (error) {
    return [bad('temporal', (error as Error).message, 'start with npm start, or see TEMPORAL_ADDRESS')];
  }
}

function checkWorker({ client }: TemporalSession, queue: TaskQueue): Promise<Finding> {
  const cure = `start its process: node workers/${queue}.ts, or all with npm start`;
  return look(`worker ${queue}`, cure, async () => {
    const { workers } = await readWorkerPolls(client, queue);
    return workers.length === 0 ? bad(`worker ${queue}`, 'nobody polls its task queue', cure) : workers.join(', ');
  });
}

async function checkTemporalClock(context: CommandContext, { client }: TemporalSession): Promise<Finding | string> {
  const exchangeUrl = exchangeUrlOf(context);
  if (exchangeUrl === undefined) return 'not looked at: there is no exchange to hold it against';
  const fault = await temporalClockFault(client, exchangeUrl);
  return fault === null ? "agrees with the exchange's" : bad('temporal clock', fault, CLOCK_CURE);
}

async function checkSchedules(session: TemporalSession): Promise<Finding | string> {
  const schedules = await listSchedules(session.client);
  if (schedules.length === 0) return bad('schedules', 'there are none', 'npx durabit schedules apply');
  const paused = schedules.filter((schedule) => schedule.paused).map((schedule) => schedule.schedule_id);
  const text = `${schedules.length}${paused.length === 0 ? '' : `; paused: ${paused.join(', ')}`}`;
  return text;
}

function exchangeUrlOf(context: CommandContext): string | undefined {
  return context.settings.UPBIT_BASE_URL ?? readyInstance(context)?.exchangeUrl;
}

async function checkExchange(context: CommandContext): Promise<Finding | string> {
  const baseUrl = exchangeUrlOf(context);
  if (baseUrl === undefined) return bad('exchange', 'none is running', 'start with npm start, or set UPBIT_BASE_URL');
  const exchange = createUpbitClient({ baseUrl });
  const markets = await exchange.listMarkets();
  const text = `${endpointOf(baseUrl)}, ${markets.length} ${markets.length === 1 ? 'market' : 'markets'}`;
  const ahead = await readMachineAhead(baseUrl);
  return Math.abs(ahead) <= TOLERATED_CLOCK_MS
    ? `${text}, clocks agree`
    : bad('exchange', `${text}, but this machine's clock is ${ahead} ms ahead of it`, 'keep time with NTP (chrony)');
}
