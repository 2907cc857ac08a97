import { setTimeout as sleep } from 'node:timers/promises';
import { RateLimited } from '../../errors.ts';
import { createRateLimits, type RateGroup, type RateLimits } from '../../upbit/rate-limits.ts';
import { steadyWallClock } from '../../upbit/steady-wall-clock.ts';
import { createPace, type Pace } from '../../upbit/stream/pace.ts';

/** Of the ten calls a second that every public group is allowed: two are for what the way delays. */
const CALLS_PER_SECOND = 8;
/** More would wait longer than a second. */
const MOST_WAITING = 8;

/**
 * `Remaining-Req` is obeyed, and calls are spread besides: whoever asks for many markets at once would know only from the
 * answers that they were too many. Who would wait too long is refused at once, and may ask again in a second.
 *
 * @param speed market seconds in a second, which is how much faster the source counts
 */
export function createPacedLimits(
  speed: number,
  now: () => number = steadyWallClock(),
  wait: (ms: number) => Promise<unknown> = (ms) => sleep(ms),
): RateLimits {
  const obeyed = createRateLimits(now, wait);
  const lines = new Map<RateGroup, { readonly pace: Pace; waiting: number }>();
  const lineOf = (group: RateGroup) => {
    const line = lines.get(group) ?? {
      pace: createPace([{ most: CALLS_PER_SECOND * speed, everyMs: 1_000 }], now),
      waiting: 0,
    };
    lines.set(group, line);
    return line;
  };
  return {
    ...obeyed,
    async admit(group) {
      const line = lineOf(group);
      if (line.waiting >= MOST_WAITING * speed) throw new RateLimited(group, 1_000);
      line.waiting += 1;
      try {
        const delay = line.pace();
        if (delay > 0) await wait(delay);
      } finally {
        line.waiting -= 1;
      }
      await obeyed.admit(group);
    },
  };
}
