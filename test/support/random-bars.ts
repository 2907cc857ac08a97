import type { Bar } from '../../strategy/bar-series.ts';
import { barsOf } from './bars.ts';

/** Minutes that wander by whole steps, the same for the same seed. */
export function randomBars(count: number, seed: number, start = 50_000, step = 40): Bar[] {
  let state = seed;
  let close = start;
  return barsOf(
    Array.from({ length: count }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      close = Math.max(step, close + ((state >> 16) % 21) * step - 10 * step);
      return close;
    }),
  );
}
