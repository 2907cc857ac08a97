import { randomUUID } from 'node:crypto';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { createMarketDataActivities } from '../../activities/market-data.ts';
import { parseMarket } from '../../config/market.ts';
import { connectDatabase, type Db } from '../../db/connect.ts';
import { createExchangeClock } from '../../exchange/exchange-clock.ts';
import type { CollectResult, CollectWorkflow } from '../../workflows/collect.ts';
import { createMigratedDatabase } from './database.ts';
import { ScriptedExchange } from './scripted-exchange.ts';
import { connectTestTemporal, type RecordedHistory } from './temporal.ts';

export const SCENE_MARKET = parseMarket('KRW-BTC');

export interface CollectRun {
  readonly result: CollectResult | Error;
  readonly description: WorkflowExecutionDescription;
  readonly history: RecordedHistory;
}

/** A real Temporal server and database, and an exchange under the test's control. */
export interface CollectScene {
  readonly exchange: ScriptedExchange;
  readonly db: Db;
  /** One CollectWorkflow from start to end, at one candle a second. */
  run(): Promise<CollectRun>;
  close(): Promise<void>;
}

/** An exchange with a trade in each of the first twenty minutes. */
export async function openCollectScene(): Promise<CollectScene> {
  const database = await createMigratedDatabase();
  const db = connectDatabase(database.url, { applicationName: 'test' });
  const temporal = await connectTestTemporal();
  const exchange = new ScriptedExchange();
  for (let n = 0; n < 20; n += 1) exchange.trade(n);

  return {
    exchange,
    db,
    run() {
      const taskQueue = `collect-test-${randomUUID()}`;
      const activities = createMarketDataActivities({
        exchange,
        db,
        clock: createExchangeClock(60),
        intervalMs: 1_000,
        leadMs: 0,
      });
      return temporal.withWorker({ taskQueue, activities }, async () => {
        const handle = await temporal.client.workflow.start<typeof CollectWorkflow>('CollectWorkflow', {
          workflowId: taskQueue,
          taskQueue,
          args: [{ market: SCENE_MARKET, timeframe: '1m', intervalMs: 1_000 }],
        });
        const result = await handle.result().catch((error: Error) => error);
        return { result, description: await handle.describe(), history: await handle.fetchHistory() };
      });
    },
    async close() {
      await temporal.close();
      await db.destroy();
      await database.drop();
    },
  };
}
