/**
 * How much before a candle closes its trading run starts, wall milliseconds: a second where the interval leaves room for
 * it, so that schedule and task hand-out cost nothing; else it starts at the close.
 */
export function leadMs(intervalMs: number): number {
  return intervalMs >= 2_000 ? 1_000 : 0;
}
