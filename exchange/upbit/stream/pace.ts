/** So many at most in any stretch of so long. */
export interface PaceLimit {
  readonly most: number;
  readonly everyMs: number;
}

/** Upbit's limits of handshakes, and of messages on one connection (upbit.md §2). */
export const CONNECT_LIMITS: readonly PaceLimit[] = [{ most: 5, everyMs: 1_000 }];
export const MESSAGE_LIMITS: readonly PaceLimit[] = [
  { most: 5, everyMs: 1_000 },
  { most: 100, everyMs: 60_000 },
];

/** Takes the next free turn, and says in how many ms it is. */
export type Pace = () => number;

/**
 * Turns that keep every limit wherever the exchange's seconds begin.
 *
 * @param now epoch milliseconds, never set back
 */
export function createPace(limits: readonly PaceLimit[], now: () => number): Pace {
  const longest = Math.max(...limits.map(({ most }) => most));
  let turns: readonly number[] = [];
  return () => {
    const asked = now();
    const turn = limits.reduce((earliest, { most, everyMs }) => {
      const last = turns.at(-most);
      return last === undefined ? earliest : Math.max(earliest, last + everyMs);
    }, asked);
    turns = [...turns, turn].slice(-longest);
    return turn - asked;
  };
}
