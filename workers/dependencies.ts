import { hideFromPrint } from '../config/hide-from-print.ts';
import { readSettings, type Settings } from '../config/settings.ts';
import { timeframeMs } from '../config/timeframe.ts';
import { UserError } from '../config/user-error.ts';
import { connectDatabase, type Db } from '../db/connect.ts';
import { createExchangeClock, type ExchangeClock } from '../exchange/exchange-clock.ts';
import type { Exchange } from '../exchange/port.ts';
import type { UpbitKeys } from '../exchange/upbit/authorization.ts';
import { createUpbitClient } from '../exchange/upbit/client.ts';
import { shortActivityMs } from '../workflows/policies.ts';
import type { TaskQueue } from './task-queues.ts';

export interface WorkerDependencies {
  readonly settings: Settings;
  readonly db: Db;
  readonly databaseUrl: string;
  readonly exchange: Exchange;
  readonly exchangeUrl: string;
  /** Where the settings give both. */
  readonly keys: UpbitKeys | undefined;
  /** The exchange's clock, carried on between its answers. */
  readonly clock: ExchangeClock;
}

/** What the activities of a worker stand on, from the environment. @throws {UserError} listing every wrong setting */
export function openDependencies(queue: TaskQueue): WorkerDependencies {
  const settings = readSettings(process.env);
  if (settings.DATABASE_URL === undefined) throw new UserError('DATABASE_URL is not set; a worker needs it', 2);
  if (settings.UPBIT_BASE_URL === undefined) throw new UserError('UPBIT_BASE_URL is not set; a worker needs it', 2);
  const clock = createExchangeClock(timeframeMs('1m') / settings.CANDLE_INTERVAL_MS);
  const { UPBIT_ACCESS_KEY: accessKey, UPBIT_SECRET_KEY: secretKey } = settings;
  const keys = accessKey !== undefined && secretKey !== undefined ? hideFromPrint({ accessKey, secretKey }) : undefined;
  // Below the activity's own time-out, so that the exchange's failure is what the Web UI shows.
  const attemptMs = shortActivityMs(settings.CANDLE_INTERVAL_MS) * 0.95;
  const readTimeoutMs = Math.min(3_000, attemptMs * 0.8);
  return {
    settings,
    clock,
    keys,
    databaseUrl: settings.DATABASE_URL,
    exchangeUrl: settings.UPBIT_BASE_URL,
    db: connectDatabase(settings.DATABASE_URL, {
      applicationName: `durabit-${queue}`,
      onConnectionLost: (error) => console.error(`lost a connection to PostgreSQL: ${error.message}`),
    }),
    exchange: createUpbitClient({
      baseUrl: settings.UPBIT_BASE_URL,
      ...(keys === undefined ? {} : { keys }),
      observeClock: clock.ask,
      readTimeoutMs,
      turnWithinMs: attemptMs - readTimeoutMs,
    }),
  };
}
