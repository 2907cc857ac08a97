const FIRST_MS = 250;
const LONGEST_MS = 10_000;
const HEALTHY_MS = 30_000;

/**
 * How long to wait before the next start of a process that ended: 250 ms, doubling to 10 s. One that had been
 * healthy for 30 s begins at 250 ms again.
 *
 * @param previousMs the wait before, 0 for the first.
 * @param healthyMs how long the process did its work before it ended.
 */
export function nextBackOff(previousMs: number, healthyMs: number): number {
  if (previousMs === 0 || healthyMs >= HEALTHY_MS) return FIRST_MS;
  return Math.min(LONGEST_MS, previousMs * 2);
}
