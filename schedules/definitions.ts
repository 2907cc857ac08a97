import { type ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Market } from '../config/market.ts';
import type { Timeframe } from '../config/timeframe.ts';
import { TASK_QUEUES } from '../workers/task-queues.ts';
import type { CollectWorkflow } from '../workflows/collect.ts';
import { marketAttribute } from '../workflows/search-attributes.ts';

export interface ScheduleInputs {
  readonly markets: readonly Market[];
  readonly timeframe: Timeframe;
  /** Wall milliseconds a candle takes; whole seconds, because Temporal drops the rest silently. */
  readonly intervalMs: number;
}

/** Temporal rounds a shorter catch-up window up to this. */
const SHORTEST_CATCH_UP_MS = 10_000;

/** What runs when, as data. Ids name the market as Upbit writes it: `collect-KRW-BTC`. */
export function scheduleDefinitions({ markets, timeframe, intervalMs }: ScheduleInputs): ScheduleOptions[] {
  return markets.map((market) => collectSchedule(market, timeframe, intervalMs));
}

/** Once a candle. A missed tick costs nothing: a run fetches all since the last stored candle. */
function collectSchedule(market: Market, timeframe: Timeframe, intervalMs: number): ScheduleOptions {
  return {
    scheduleId: `collect-${market}`,
    spec: { intervals: [{ every: intervalMs }] },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: Math.max(SHORTEST_CATCH_UP_MS, intervalMs),
    },
    action: {
      type: 'startWorkflow',
      workflowType: 'CollectWorkflow',
      workflowId: `collect-${market}`,
      taskQueue: TASK_QUEUES.collector,
      args: [{ market, timeframe, intervalMs }] satisfies Parameters<typeof CollectWorkflow>,
      typedSearchAttributes: [{ key: marketAttribute, value: market }],
      staticSummary: `${market}: store the candles that closed`,
    },
    typedSearchAttributes: [{ key: marketAttribute, value: market }],
  };
}
