import { randomUUID } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import type { TradingActivities } from '../../activities/trading.ts';
import { parseMarket } from '../../config/market.ts';
import type { TradeWorkflow } from '../../workflows/trade.ts';
import type { TestTemporal } from './temporal.ts';
import type { TradeScript } from './trade-scripts.ts';

const INPUT = { account: 'paper-test', timeframe: '1m', intervalMs: 1_000 } as const;

type Steps = Partial<TradingActivities>;
type StepName = keyof TradingActivities;

interface ScriptedRun {
  readonly steps: Steps;
  readonly taken: StepName[];
}

export type TradeRun = Awaited<ReturnType<typeof runTrade>>;

/** Runs one scripted TradeWorkflow on the real server; `taken` is every step it took. */
export async function runTrade(temporal: TestTemporal, script: TradeScript) {
  const [run] = await runTrades(temporal, [script]);
  if (run === undefined) throw new Error('no run');
  return run;
}

/** The same for several, side by side on one worker: to start one takes a quarter of a second of CPU. */
export async function runTrades(temporal: TestTemporal, scripts: readonly TradeScript[]) {
  const taskQueue = `trade-test-${randomUUID()}`;
  const runs = new Map<string, ScriptedRun>();
  for (const [n, script] of scripts.entries()) {
    runs.set(`${taskQueue}-${n}`, { steps: { ...COMMON, ...script.steps }, taken: [] });
  }
  return temporal.withWorker({ taskQueue, activities: activitiesOf(runs) }, () =>
    Promise.all(
      [...runs].map(async ([workflowId, { taken }]) => {
        const handle = await temporal.client.workflow.start<typeof TradeWorkflow>('TradeWorkflow', {
          ...{ workflowId, taskQueue, args: [{ ...INPUT, market: parseMarket('KRW-BTC') }] },
        });
        const result = await handle.result();
        return { result, taken, description: await handle.describe(), history: await handle.fetchHistory() };
      }),
    ),
  );
}

const COMMON: Steps = {
  fetchBalances: async () => [{ currency: 'KRW', free: '1000000', locked: '0', averageBuyPrice: '0' }],
  resolveUnfinished: async () => null,
};

/** Each step as the script of the run that asks for it has it. */
function activitiesOf(runs: ReadonlyMap<string, ScriptedRun>): object {
  const names = [...runs.values()].flatMap(({ steps }) => Object.keys(steps) as StepName[]);
  return Object.fromEntries(
    names.map((name) => [
      name,
      async (input: never) => {
        const run = runs.get(activityInfo().workflowExecution?.workflowId ?? '');
        const step = run?.steps[name];
        if (run === undefined || step === undefined) throw new Error(`no ${name} in this script`);
        run.taken.push(name);
        return (step as (input: never) => Promise<unknown>)(input);
      },
    ]),
  );
}
