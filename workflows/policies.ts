import type { ActivityOptions } from '@temporalio/workflow';

/**
 * Every retry policy and time-out of the bot, as data. Durations that have to do with candles derive from the candle
 * interval, so that an accelerated run behaves as real time does, only faster.
 */

/**
 * How soon a killed worker is noticed by those who wait for its longer activities; each of them reports every second
 * (`workers/heartbeats.ts`). Four reports may be late: an attempt beside a slow one is safe, but of no use.
 */
const HEARTBEAT_TIMEOUT_MS = 4_000;

/**
 * How long a worker may take over a step of a workflow's own code, which needs milliseconds. What a killed one has in
 * hand waits this long; the server's default is 10 s.
 */
export const WORKFLOW_TASK_TIMEOUT_MS = 3_000;

/** Start-to-close of a short activity: two intervals, at least half a second, at most five. */
export function shortActivityMs(intervalMs: number): number {
  return Math.min(5_000, Math.max(500, 2 * intervalMs));
}

/** How long a run keeps trying before it fails for everybody to see, and the next tick starts afresh. */
function givingUpAfterMs(intervalMs: number): number {
  return Math.max(60_000, 5 * intervalMs);
}

/** Longest pause between two attempts: half an interval, so that a server that is back is noticed within one. */
function longestPauseMs(intervalMs: number): number {
  return Math.min(30_000, Math.max(1_000, intervalMs / 2));
}

/**
 * Reading candles. The first retry comes after a sixtieth of an interval because the usual reason is a candle that
 * appears a moment late. A market the exchange does not list will not appear by asking again.
 */
export function marketData(intervalMs: number): ActivityOptions {
  return {
    startToCloseTimeout: shortActivityMs(intervalMs),
    scheduleToCloseTimeout: givingUpAfterMs(intervalMs),
    retry: {
      initialInterval: Math.max(50, intervalMs / 60),
      backoffCoefficient: 2,
      maximumInterval: longestPauseMs(intervalMs),
      nonRetryableErrorTypes: ['UnknownMarket'],
    },
  };
}

/** Reading and writing our own database: it is local, so a failure means that it is restarting. */
export function database(intervalMs: number): ActivityOptions {
  return {
    startToCloseTimeout: shortActivityMs(intervalMs),
    scheduleToCloseTimeout: givingUpAfterMs(intervalMs),
    retry: { initialInterval: 100, backoffCoefficient: 2, maximumInterval: longestPauseMs(intervalMs) },
  };
}

/**
 * What a run would like to know before it decides: given up while there is still time to decide without it, because
 * the wait for the candle ends 0.4 of an interval after the close. At least 300 ms: at a candle a second that is short.
 */
export function beforeDeciding(intervalMs: number): ActivityOptions {
  const patienceMs = Math.max(300, intervalMs / 4);
  return {
    startToCloseTimeout: Math.min(shortActivityMs(intervalMs), patienceMs),
    scheduleToCloseTimeout: patienceMs,
    retry: { initialInterval: Math.max(50, intervalMs / 60), backoffCoefficient: 2, maximumInterval: 1_000 },
  };
}

/** Cancelling: the run looks afterwards how the order stands, and ReconcileWorkflow goes on where it gives up. */
export function cancelOrder(intervalMs: number): ActivityOptions {
  return {
    startToCloseTimeout: shortActivityMs(intervalMs),
    scheduleToCloseTimeout: Math.max(1_000, intervalMs / 4),
    retry: { initialInterval: 50, backoffCoefficient: 2, maximumInterval: longestPauseMs(intervalMs) },
  };
}

/** Deciding: waits for its candle for at most 0.4 of an interval after the close, with what a run starts early by. */
export function decision(intervalMs: number): ActivityOptions {
  return {
    startToCloseTimeout: intervalMs + 5_000,
    scheduleToCloseTimeout: intervalMs + 10_000,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { initialInterval: 100, backoffCoefficient: 2, maximumInterval: longestPauseMs(intervalMs) },
  };
}

/**
 * Placing: every uncertain answer is tried again until the order's own deadline ends it, because each attempt looks
 * first. The first retry comes at once: the answer may only have been lost.
 */
export function placeOrder(intervalMs: number): ActivityOptions {
  return severalCalls(intervalMs);
}

/**
 * Holding the account against the ledger: several calls in a row, and each attempt goes on where the last one stopped.
 */
export function compareAccount(intervalMs: number): ActivityOptions {
  return severalCalls(intervalMs);
}

/** A few calls of the exchange in one attempt: one request may take 3 s, and a look-up before it. */
function severalCalls(intervalMs: number): ActivityOptions {
  return {
    startToCloseTimeout: 10_000,
    scheduleToCloseTimeout: intervalMs + 10_000,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { initialInterval: 50, backoffCoefficient: 2, maximumInterval: longestPauseMs(intervalMs) },
  };
}

/** Watching a resting order: until its deadline. */
export function pollFills(intervalMs: number): ActivityOptions {
  return {
    startToCloseTimeout: intervalMs + 5_000,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    scheduleToCloseTimeout: 2 * intervalMs + 10_000,
    retry: { initialInterval: 100, backoffCoefficient: 2, maximumInterval: longestPauseMs(intervalMs) },
  };
}

/**
 * Searching weights: seconds for a thousand candles, and nobody waits for it. It tells its progress, so that the next
 * attempt goes on where a killed one stopped.
 */
export function optimization(): ActivityOptions {
  return {
    startToCloseTimeout: 600_000,
    scheduleToCloseTimeout: 1_800_000,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 30_000 },
  };
}
