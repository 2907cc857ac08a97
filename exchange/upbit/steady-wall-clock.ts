/**
 * Epoch milliseconds that show the wall's time when it is made and only go forward from then on, at the true pace. A
 * machine whose clock is set back by 90 s would otherwise take a group of calls, closed until the end of a second, for
 * closed for 90 s, and refuse every call of it.
 */
export function steadyWallClock(): () => number {
  const ahead = Date.now() - performance.now();
  return () => performance.now() + ahead;
}
