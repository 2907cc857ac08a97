import { type ScheduleOptions, ScheduleOverlapPolicy, type ScheduleSpec } from '@temporalio/client';
import { leadMs } from '../config/lead.ts';
import type { Market } from '../config/market.ts';
import type { Timeframe } from '../config/timeframe.ts';
import { TASK_QUEUES } from '../workers/task-queues.ts';
import type { CollectWorkflow } from '../workflows/collect.ts';
import { WORKFLOW_TASK_TIMEOUT_MS } from '../workflows/policies.ts';
import type { ReconcileInput, ReconcileWorkflow } from '../workflows/reconcile.ts';
import { marketAttribute } from '../workflows/search-attributes.ts';
import type { TradeInput, TradeWorkflow } from '../workflows/trade.ts';

export interface ScheduleInputs {
  readonly markets: readonly Market[];
  readonly timeframe: Timeframe;
  /** Wall milliseconds a candle takes; whole seconds, because Temporal drops the rest silently. */
  readonly intervalMs: number;
  /** The account to trade; undefined where candles are only collected. */
  readonly account?: string | undefined;
}

/** Temporal rounds a shorter catch-up window up to this. */
const SHORTEST_CATCH_UP_MS = 10_000;

/** What runs when, as data. Ids name the market as Upbit writes it: `collect-KRW-BTC`. */
export function scheduleDefinitions({ markets, timeframe, intervalMs, account }: ScheduleInputs): ScheduleOptions[] {
  const collecting = markets.map((market) => collectSchedule(market, timeframe, intervalMs));
  if (account === undefined) return collecting;
  return [
    ...collecting,
    ...markets.map((market) => tradeSchedule({ account, market, timeframe, intervalMs })),
    reconcileSchedule({ account, timeframe, intervalMs }),
  ];
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}

/** Once a candle, at its close or, where there is room, a little before it. */
function beforeEachClose(intervalMs: number): ScheduleSpec {
  const lead = leadMs(intervalMs);
  return { intervals: [{ every: intervalMs, ...(lead === 0 ? {} : { offset: intervalMs - lead }) }] };
}

/** Never caught up late: a stale tick trades nothing. */
function tradeSchedule(input: TradeInput): ScheduleOptions {
  const { market, intervalMs } = input;
  return {
    scheduleId: `trade-${market}`,
    spec: beforeEachClose(intervalMs),
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: SHORTEST_CATCH_UP_MS },
    action: {
      type: 'startWorkflow',
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS,
      workflowType: 'TradeWorkflow',
      workflowId: `trade-${market}`,
      taskQueue: TASK_QUEUES.trader,
      args: [input] satisfies Parameters<typeof TradeWorkflow>,
      typedSearchAttributes: [{ key: marketAttribute, value: market }],
      staticSummary: `${market}: decide about the candle that closes, and trade`,
    },
    typedSearchAttributes: [{ key: marketAttribute, value: market }],
  };
}

/** Once a candle, for all markets together, half-way to the next close: out of the way of those who are in a hurry. */
function reconcileSchedule(input: ReconcileInput): ScheduleOptions {
  return {
    scheduleId: 'reconcile',
    spec: { intervals: [{ every: input.intervalMs, offset: wholeSeconds(input.intervalMs / 2) }] },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: Math.max(SHORTEST_CATCH_UP_MS, input.intervalMs),
    },
    action: {
      type: 'startWorkflow',
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS,
      workflowType: 'ReconcileWorkflow',
      workflowId: 'reconcile',
      taskQueue: TASK_QUEUES.trader,
      args: [input] satisfies Parameters<typeof ReconcileWorkflow>,
      staticSummary: 'finish open orders, note candles nobody decided on, hold the account against the ledger',
    },
  };
}

/** A missed tick costs nothing: a run fetches all since the last stored candle. */
function collectSchedule(market: Market, timeframe: Timeframe, intervalMs: number): ScheduleOptions {
  return {
    scheduleId: `collect-${market}`,
    spec: beforeEachClose(intervalMs),
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: Math.max(SHORTEST_CATCH_UP_MS, intervalMs),
    },
    action: {
      type: 'startWorkflow',
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS,
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
