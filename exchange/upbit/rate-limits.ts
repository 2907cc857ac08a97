import { setTimeout as sleep } from 'node:timers/promises';

/** The rate-limit groups of the calls we make, as the `Remaining-Req` header spells them (upbit.md §2). */
export type RateGroup = 'market' | 'candles' | 'default' | 'order';

export interface RateLimits {
  /** Waits until the group may be asked again. */
  admit(group: RateGroup): Promise<void>;
  /** Learns from a response's `Remaining-Req` header. */
  learn(header: string | null): void;
  /** Stops the group until `instant` (wall clock, epoch milliseconds), after a 429 or 418. */
  pause(group: RateGroup, instant: number): void;
}

const REMAINING = /group=([a-z-]+);\s*(?:min=\d+;\s*)?sec=(\d+)/i;

/**
 * Obeys `Remaining-Req` inside one process: when the exchange says that no call is left in the current second, the
 * next one of that group waits for the next second.
 */
export function createRateLimits(
  now: () => number = Date.now,
  wait: (ms: number) => Promise<unknown> = (ms) => sleep(ms),
): RateLimits {
  const closedUntil = new Map<string, number>();
  const close = (group: string, instant: number): void => {
    closedUntil.set(group, Math.max(instant, closedUntil.get(group) ?? 0));
  };
  return {
    async admit(group) {
      const delay = (closedUntil.get(group) ?? 0) - now();
      if (delay > 0) await wait(delay);
    },
    learn(header) {
      const match = header === null ? null : REMAINING.exec(header);
      if (match === null) return;
      const [, group, left] = match;
      if (group !== undefined && Number(left) === 0)
        close(group.toLowerCase(), (Math.floor(now() / 1_000) + 1) * 1_000);
    },
    pause: close,
  };
}
