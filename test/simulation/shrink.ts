import type { StruckFault } from './faults.ts';
import type { HistoryResult } from './history.ts';

/** Runs the failing history again with these faults only, and with so many candles. */
export type Rerun = (given: ReadonlyMap<string, string>, candles: number) => Promise<HistoryResult>;

/** Most histories run in search of a shorter one. */
const MOST_RERUNS = 200;

/**
 * The shortest history found that still breaks the same promise: fewer candles first, then fewer faults, halves before
 * single ones. A fault keeps its place when another is left out, because places are names and not numbers.
 */
export async function shrink(failing: HistoryResult, rerun: Rerun): Promise<HistoryResult> {
  const wanted = new Set(failing.violations.map(kindOf));
  let best = failing;
  let reruns = 0;
  const tryOut = async (faults: readonly StruckFault[], candles: number): Promise<boolean> => {
    if (reruns >= MOST_RERUNS) return false;
    reruns += 1;
    const shorter = await rerun(new Map(faults.map(({ step, kind }) => [step, kind])), candles);
    if (!shorter.violations.some((violation) => wanted.has(kindOf(violation)))) return false;
    best = shorter;
    return true;
  };

  for (let share = 0.25; share < 1; share += 0.25) {
    if (await tryOut(best.struck, Math.max(1, Math.floor(failing.candles * share)))) break;
  }
  while (best.candles > 1 && (await tryOut(best.struck, best.candles - 1))) {}
  for (let size = Math.ceil(best.struck.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.struck.length; ) {
      const { struck } = best;
      const without = [...struck.slice(0, from), ...struck.slice(from + size)];
      if (!(await tryOut(without, best.candles))) from += size;
    }
  }
  return best;
}

/** A violation without the names and figures in it. */
function kindOf(violation: string): string {
  return violation.replace(/\S*-\S+-\S+-\S+/g, 'ORDER').replace(/\d[\d.]*/g, 'N');
}
