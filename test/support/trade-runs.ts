import { randomUUID } from 'node:crypto';
import type { TradingActivities } from '../../activities/trading.ts';
import { parseMarket } from '../../config/market.ts';
import type { TradeWorkflow } from '../../workflows/trade.ts';
import type { TestTemporal } from './temporal.ts';
import type { TradeScript } from './trade-scripts.ts';

const INPUT = { account: 'paper-test', timeframe: '1m', intervalMs: 1_000 } as const;

/** Runs one scripted TradeWorkflow on the real server; `taken` is every step it took. */
export async function runTrade(temporal: TestTemporal, script: TradeScript) {
  const taken: (keyof TradingActivities)[] = [];
  const steps: Partial<TradingActivities> = {
    fetchBalances: async () => [{ currency: 'KRW', free: '1000000', locked: '0', averageBuyPrice: '0' }],
    resolveUnfinished: async () => null,
    ...script.steps,
  };
  const taskQueue = `trade-test-${randomUUID()}`;
  return temporal.withWorker({ taskQueue, activities: noting(steps, taken) }, async () => {
    const handle = await temporal.client.workflow.start<typeof TradeWorkflow>('TradeWorkflow', {
      workflowId: taskQueue,
      taskQueue,
      args: [{ ...INPUT, market: parseMarket('KRW-BTC') }],
    });
    const result = await handle.result();
    return { result, taken, description: await handle.describe(), history: await handle.fetchHistory() };
  });
}

function noting(steps: Partial<TradingActivities>, taken: (keyof TradingActivities)[]): object {
  return Object.fromEntries(
    Object.entries(steps).map(([name, step]) => [
      name,
      async (input: never) => {
        taken.push(name as keyof TradingActivities);
        return (step as (input: never) => Promise<unknown>)(input);
      },
    ]),
  );
}
