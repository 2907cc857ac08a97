/** What is blocked when calls go on in spite of refusals: an address, or a pocket with its keys (upbit.md §2). */
export type BlockedUnit = 'address' | 'pocket';

/** A call that was one too many. */
interface Refusal {
  readonly group: string;
  readonly countedBy: BlockedUnit;
  /** Number of the stretch of time in which it was counted; the next stretch has the next number. */
  readonly period: number;
  /** What the group allows. */
  readonly callsPerSecond: number;
}

export interface Blocks {
  /** Whole seconds of market time until a block is over; undefined where there is none. */
  secondsLeft(unit: BlockedUnit): number | undefined;
  noteRefusal(refusal: Refusal): void;
}

/**
 * Upbit documents that going on through refusals (429) blocks for a time that grows with repetition (418), neither after how
 * many nor for how long. Assumed: after as many as the group allows calls in ten seconds, none of its periods between them
 * without one; for a minute, then twice as long each time up to an hour; an hour without a block and all is forgotten.
 */
const PATIENCE_SECONDS = 10;
/** Of a group that allows fewer in ten seconds, so many: the first refusal alone blocks nobody. */
const LEAST_REFUSALS = 5;
const FIRST_BLOCK_SECONDS = 60;
const LONGEST_BLOCK_SECONDS = 3_600;
const FORGOTTEN_AFTER_SECONDS = 3_600;

/** All times are seconds of market time; what happens in the wall is `speed` times as short, as with every limit. */
export function createBlocks(speed: number, wallClock: () => number): Blocks {
  const now = (): number => (wallClock() / 1_000) * speed;
  const streaks = new Map<string, { readonly period: number; readonly refusals: number }>();
  const blocks = new Map<BlockedUnit, { readonly until: number; readonly lasted: number }>();

  const block = (unit: BlockedUnit): void => {
    const last = blocks.get(unit);
    const isRepeated = last !== undefined && now() < last.until + FORGOTTEN_AFTER_SECONDS;
    const lasted = isRepeated ? Math.min(last.lasted * 2, LONGEST_BLOCK_SECONDS) : FIRST_BLOCK_SECONDS;
    blocks.set(unit, { until: now() + lasted, lasted });
  };

  return {
    secondsLeft(unit) {
      const left = (blocks.get(unit)?.until ?? 0) - now();
      return left > 0 ? Math.ceil(left) : undefined;
    },
    noteRefusal({ group, countedBy, period, callsPerSecond }) {
      const last = streaks.get(group);
      const refusals = (last !== undefined && period <= last.period + 1 ? last.refusals : 0) + 1;
      const isEnough = refusals >= Math.max(callsPerSecond * PATIENCE_SECONDS, LEAST_REFUSALS);
      if (isEnough) block(countedBy);
      streaks.set(group, { period, refusals: isEnough ? 0 : refusals });
    },
  };
}
