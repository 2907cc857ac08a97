import { ServiceError } from '@temporalio/client';
import { parseMarket } from '../../config/market.ts';
import { UserError } from '../../config/user-error.ts';
import { ExchangeError } from '../../exchange/errors.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { type FailureCount, recentFailures } from '../../schedules/failures.ts';
import { listSchedules, type ScheduleState } from '../../schedules/operate.ts';
import type { CommandContext } from '../context.ts';
import { withTemporal } from '../temporal-session.ts';
import type { RunningInstance } from '../up/instance-file.ts';
import type { Finding } from './facts.ts';

const FAILURES_WITHIN_MS = 10 * 60_000;
/** A server that accepts connections and then says nothing must not hold the screen up. */
const PATIENCE_MS = 5_000;

export interface TemporalReading {
  /** Null when no server is known, or it does not answer. */
  readonly schedules: readonly ScheduleState[] | null;
  readonly failedRuns: readonly FailureCount[];
  readonly faults: readonly Finding[];
}

/** What runs when, and which runs failed lately. */
export async function readTemporal(
  context: CommandContext,
  instance: RunningInstance | null,
): Promise<TemporalReading> {
  if (instance === null && context.settings.TEMPORAL_ADDRESS === undefined) {
    return { schedules: null, failedRuns: [], faults: [] };
  }
  try {
    return await withTemporal(context, ({ client }) =>
      client.withDeadline(Date.now() + PATIENCE_MS, async () => ({
        schedules: await listSchedules(client),
        failedRuns: await recentFailures(client, new Date(Date.now() - FAILURES_WITHIN_MS)),
        faults: [],
      })),
    );
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ServiceError)) throw error;
    const cure = 'the bot cannot work meanwhile, and catches up; see: npx durabit doctor';
    return { schedules: null, failedRuns: [], faults: [{ about: 'temporal', problem: error.message, cure }] };
  }
}

export interface ClockReading {
  /** Market time now. */
  readonly clock: Date | null;
  readonly faults: readonly Finding[];
}

/** The exchange's clock of a running bot. */
export async function readExchangeClock(instance: RunningInstance | null): Promise<ClockReading> {
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
