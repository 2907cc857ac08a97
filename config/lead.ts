/**
 * How much before a candle closes the runs about it start, wall milliseconds: a second where the interval leaves room for
 * it, so that schedule and task hand-out cost nothing; else they start at the close.
 */
export function leadMs(intervalMs: number): number {
  return intervalMs >= 2_000 ? 1_000 : 0;
}

/** Runs start early by Temporal's clock; this covers where it and the exchange's part, wall milliseconds. */
const CLOCKS_PART_BY_MS = 250;

/** A run that comes at most this much before a close, wall milliseconds, is about the candle that closes. */
export function earliestStartMs(lead: number): number {
  return lead === 0 ? 0 : lead + CLOCKS_PART_BY_MS;
}
