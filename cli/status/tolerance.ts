import type { BotFacts, StatusFacts } from './facts.ts';

/** Candles and decisions that wait for a restarting server are this far behind; more needs a look. */
const TOLERATED_LAG = { marketMs: 5 * 60_000, wallMs: 10_000 };
/** What was made or started a moment ago is not missing yet. */
const SETTLED_AFTER_SECONDS = 60;

/** How far behind a running bot may be, milliseconds of market time. */
export function toleratedLagMs({ speed }: Pick<BotFacts, 'speed'>): number {
  return Math.max(TOLERATED_LAG.marketMs, TOLERATED_LAG.wallMs * speed);
}

/**
 * Whether the bot has been up for long enough to have everything it makes at its start, a first candle included. One
 * whose start nobody here knows of is taken to have been.
 */
export function isSettled({ uptime_seconds: uptime, candle_interval_ms: intervalMs }: BotFacts): boolean {
  return uptime === null || uptime >= SETTLED_AFTER_SECONDS + intervalMs / 1_000;
}

export function isPaused({ schedules }: Pick<StatusFacts, 'schedules'>, id: string): boolean {
  return schedules?.some((schedule) => schedule.schedule_id === id && schedule.paused) ?? false;
}
