/** Upbit's limits of what a client may send on a connection. */
const LIMITS = [
  { most: 5, everyMs: 1_000 },
  { most: 100, everyMs: 60_000 },
] as const;

/**
 * Counts the messages of one connection, in wall seconds and minutes; an accelerated exchange allows `speed` times as
 * many, as everywhere.
 *
 * @returns whether one more is allowed.
 */
export function createMessageLimit(speed: number, wallClock: () => number): () => boolean {
  const counts = LIMITS.map((limit) => ({ ...limit, slot: 0, used: 0 }));
  return () => {
    const now = wallClock();
    for (const count of counts) {
      const slot = Math.floor(now / count.everyMs);
      if (slot !== count.slot) Object.assign(count, { slot, used: 0 });
      count.used += 1;
    }
    return counts.every(({ used, most }) => used <= most * speed);
  };
}
