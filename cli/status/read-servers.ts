import type { Client } from '@temporalio/client';
import { parseMarket } from '../../config/market.ts';
import { UserError } from '../../config/user-error.ts';
import { ExchangeError } from '../../exchange/errors.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { failedSearches, recentFailures } from '../../schedules/failures.ts';
import { listSchedules } from '../../schedules/operate.ts';
import { TASK_QUEUES, type TaskQueue } from '../../workers/task-queues.ts';
import type { CommandContext } from '../context.ts';
import { CLOCK_CURE, temporalClockFault } from '../doctor/clocks.ts';
import { readStuckRuns } from '../stuck-runs.ts';
import { withTemporal } from '../temporal-session.ts';
import type { InstanceDetails } from '../up/instance-file.ts';
import { readWorkerPolls } from '../worker-polls.ts';
import type { Finding, StatusFacts } from './facts.ts';

const FAILURES_WITHIN_MS = 10 * 60_000;
/** A server that accepts connections and then says nothing must not hold the screen up. */
const PATIENCE_MS = 5_000;

type TemporalFacts = Pick<StatusFacts, 'schedules' | 'failed_runs' | 'failed_searches' | 'stuck_runs' | 'workers'>;

/** No server is known, or it does not answer. */
export const NOTHING_OF_TEMPORAL: TemporalFacts = {
  ...{ schedules: null, failed_runs: [], failed_searches: [], stuck_runs: [], workers: [] },
};

export interface TemporalReading {
  readonly facts: TemporalFacts;
  readonly faults: readonly Finding[];
}

/** What runs when, which runs failed lately and, of a bot that only the settings describe, who works. */
export async function readTemporal(
  context: CommandContext,
  bot: { readonly supervised: boolean; readonly described: boolean; readonly exchangeUrl: string | undefined },
): Promise<TemporalReading> {
  if (!bot.supervised && context.settings.TEMPORAL_ADDRESS === undefined) {
    return { facts: NOTHING_OF_TEMPORAL, faults: [] };
  }
  const queues = bot.described ? (Object.keys(TASK_QUEUES) as TaskQueue[]) : [];
  try {
    return await withTemporal(context, ({ client }) =>
      client.withDeadline(Date.now() + PATIENCE_MS, async () => ({
        facts: {
          schedules: await listSchedules(client),
          failed_runs: await recentFailures(client, new Date(Date.now() - FAILURES_WITHIN_MS)),
          failed_searches: await failedSearches(client),
          stuck_runs: await readStuckRuns(client),
          workers: await Promise.all(queues.map((queue) => readWorkerPolls(client, queue))),
        },
        faults: bot.exchangeUrl === undefined ? [] : await clockFaults(client, bot.exchangeUrl),
      })),
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const cure = 'the bot cannot work meanwhile, and catches up; see: npx durabit doctor';
    return { facts: NOTHING_OF_TEMPORAL, faults: [{ about: 'temporal', problem: error.message, cure }] };
  }
}

async function clockFaults(client: Client, exchangeUrl: string): Promise<readonly Finding[]> {
  try {
    const problem = await temporalClockFault(client, exchangeUrl);
    return problem === null ? [] : [{ about: 'temporal', problem, cure: CLOCK_CURE }];
  } catch (error) {
    // That the exchange does not answer is said by `readExchangeClock`.
    if (error instanceof ExchangeError) return [];
    throw error;
  }
}

export interface ClockReading {
  /** Market time now. */
  readonly clock: Date | null;
  readonly faults: readonly Finding[];
}

/** The exchange's clock of a running bot. */
export async function readExchangeClock(
  instance: Pick<InstanceDetails, 'exchangeUrl' | 'markets'> | null,
): Promise<ClockReading> {
  const market = instance?.markets[0];
  if (instance === null || market === undefined) return { clock: null, faults: [] };
  try {
    const exchange = createUpbitClient({ baseUrl: instance.exchangeUrl });
    const { exchangeClock } = await exchange.fetchMinuteCandles(parseMarket(market), { count: 1 });
    return { clock: new Date(exchangeClock), faults: [] };
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    const cure = 'no candle comes and no order goes out meanwhile; see: npx durabit doctor';
    return { clock: null, faults: [{ about: 'exchange', problem: `does not answer: ${error.message}`, cure }] };
  }
}
