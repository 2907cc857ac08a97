import { type ScheduleOptions, ScheduleOverlapPolicy, type ScheduleSpec } from '@temporalio/client';
import { leadMs } from '../config/lead.ts';
import type { Market } from '../config/market.ts';
import type { Timeframe } from '../config/timeframe.ts';
import { TASK_QUEUES } from '../workers/task-queues.ts';
import type { CollectWorkflow } from '../workflows/collect.ts';
import type { OptimizeInput, OptimizeWorkflow } from '../workflows/optimize.ts';
import { WORKFLOW_TASK_TIMEOUT_MS } from '../workflows/policies.ts';
import type { ReconcileInput, ReconcileWorkflow } from '../workflows/reconcile.ts';
import { marketAttribute } from '../workflows/search-attributes.ts';
import type { TradeInput, TradeWorkflow } from '../workflows/trade.ts';
import { MARKET_DAY_MS } from './next-optimization.ts';

export interface ScheduleInputs {
  readonly markets: readonly Market[];
  readonly timeframe: Timeframe;
  /** Wall milliseconds a candle takes; whole seconds, because Temporal drops the rest silently. */
  readonly intervalMs: number;
  /** The account to trade; undefined where candles are only collected. */
  readonly account?: string | undefined;
  /** When weights are searched next in an accelerated run, wall time (`next-optimization.ts`); real time needs none. */
  readonly optimizeAt?: number | undefined;
  /** Schedules that are made paused where they are not there yet, by id, each with its note. */
  readonly pausedBefore?: ReadonlyMap<string, string> | undefined;
}

/** Temporal rounds a shorter catch-up window up to this. */
const SHORTEST_CATCH_UP_MS = 10_000;

/** What runs when, as data. Ids name the market as Upbit writes it: `collect-KRW-BTC`. */
export function scheduleDefinitions(inputs: ScheduleInputs): ScheduleOptions[] {
  return unpausedDefinitions(inputs).map((definition) => {
    const note = inputs.pausedBefore?.get(definition.scheduleId);
    return note === undefined ? definition : { ...definition, state: { paused: true, note } };
  });
}

function unpausedDefinitions(inputs: ScheduleInputs): ScheduleOptions[] {
  const { markets, timeframe, intervalMs, account, optimizeAt } = inputs;
  const collecting = markets.map((market) => collectSchedule(market, timeframe, intervalMs));
  if (account === undefined) return collecting;
  return [
    ...collecting,
    ...markets.map((market) => tradeSchedule({ account, market, timeframe, intervalMs })),
    ...markets.map((market) => optimizeSchedule({ account, market, timeframe, intervalMs }, optimizeAt)),
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

/** How long after its time a missed search is still made up for, market time. */
const OPTIMIZE_CATCH_UP_MS = 6 * 3_600_000;

/** Once a day of market time; five minutes past midnight in Seoul where that is everybody's time. */
function optimizeSchedule(input: OptimizeInput, optimizeAt: number | undefined): ScheduleOptions {
  const { market, intervalMs } = input;
  const speed = MINUTE_MS / intervalMs;
  return {
    scheduleId: `optimize-${market}`,
    spec: speed === 1 ? FIVE_PAST_MIDNIGHT_IN_SEOUL : onceAMarketDay(speed, optimizeAt),
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: Math.max(SHORTEST_CATCH_UP_MS, OPTIMIZE_CATCH_UP_MS / speed),
    },
    action: {
      type: 'startWorkflow',
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS,
      workflowType: 'OptimizeWorkflow',
      workflowId: `optimize-${market}`,
      taskQueue: TASK_QUEUES.optimizer,
      args: [input] satisfies Parameters<typeof OptimizeWorkflow>,
      typedSearchAttributes: [{ key: marketAttribute, value: market }],
      staticSummary: `${market}: search weights and threshold on the newest closes`,
    },
    typedSearchAttributes: [{ key: marketAttribute, value: market }],
  };
}

const MINUTE_MS = 60_000;

const FIVE_PAST_MIDNIGHT_IN_SEOUL: ScheduleSpec = { calendars: [{ hour: 0, minute: 5 }], timezone: 'Asia/Seoul' };

/** A speed divides 60, so that a market day takes a whole number of seconds. */
function onceAMarketDay(speed: number, at = 0): ScheduleSpec {
  const every = MARKET_DAY_MS / speed;
  return { intervals: [{ every, offset: wholeSeconds(at) % every }] };
}
