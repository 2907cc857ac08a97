/**
 * What to try where orders come too seldom: the next speed that gives each at least twice the time, a divisor of 60 as
 * a run of the whole bot wants it. Nothing in real time, which has no slower one.
 */
export function slowerAdvice(speed: number): string {
  const slower = Array.from({ length: Math.floor(speed / 2) }, (_, index) => index + 1);
  const next = slower.findLast((candidate) => 60 % candidate === 0);
  return next === undefined ? '' : `; try --speed ${next}`;
}
