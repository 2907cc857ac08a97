import { existsSync, readFileSync } from 'node:fs';
import { UserError } from '../../config/user-error.ts';
import { MINUTE_MS } from './feed/minute-candle.ts';
import { writeDurably } from './state/durable-file.ts';

/** The exchange's own time: runs `speed` times as fast as the wall, stands still while the exchange is stopped. */
export interface MarketClock {
  /** Market time in epoch ms. Never less than any value returned before, over restarts and kills too. */
  now(): number;
  /** Renews the lease early, so that no request has to wait for the disk at the turn of a minute. */
  renewAhead(): void;
  /** Notes the exact time, so that a clean stop costs less than a market minute. */
  stop(): number;
}

interface MarketClockOptions {
  readonly path: string;
  readonly speed: number;
  /** Wall time in epoch ms. */
  readonly wallClock: () => number;
  /** Market time (epoch ms) at which a new folder begins, at the earliest. */
  readonly origin: number;
}

/** The lease is renewed when less than this share of a minute is left of it. */
const AHEAD_MS = MINUTE_MS / 4;

/**
 * Market time is wall × speed plus a whole number of minutes, so that market minutes turn when the wall shows a
 * multiple of 60000 / speed ms since the epoch and schedules with whole-second intervals fire at closes.
 *
 * The file holds the greatest time that may have been served: a lease to the end of a minute, written before any time
 * in that minute is given out. A start continues at the first aligned time not before it.
 */
export function openMarketClock({ path, speed, wallClock, origin }: MarketClockOptions): MarketClock {
  const scaledWall = (): number => Math.floor(wallClock() * speed);
  const resumed = readLease(path) ?? origin;
  const offset = Math.ceil((resumed - scaledWall()) / MINUTE_MS) * MINUTE_MS;
  let served = resumed;
  let leasedUntil = Number.NEGATIVE_INFINITY;

  const leaseMinuteOf = (time: number): void => {
    leasedUntil = (Math.floor(time / MINUTE_MS) + 1) * MINUTE_MS - 1;
    writeDurably(path, JSON.stringify({ mayHaveServed: leasedUntil }));
  };
  const now = (): number => {
    // The wall may be set back while we run; market time then waits for it.
    const time = Math.max(served, scaledWall() + offset);
    if (time > leasedUntil) leaseMinuteOf(time);
    served = time;
    return time;
  };
  return {
    now,
    renewAhead() {
      const time = now();
      if (leasedUntil - time < AHEAD_MS) leaseMinuteOf(leasedUntil + 1);
    },
    stop() {
      writeDurably(path, JSON.stringify({ mayHaveServed: served }));
      return served;
    },
  };
}

function readLease(path: string): number | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const { mayHaveServed } = JSON.parse(readFileSync(path, 'utf8')) as { mayHaveServed: unknown };
    if (typeof mayHaveServed === 'number') return mayHaveServed;
  } catch {
    // Falls through: a file that is no JSON is as bad as one that says nothing.
  }
  throw new UserError(`${path}: the paper exchange's clock file is damaged`);
}
