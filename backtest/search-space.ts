import type { Ensemble } from '../strategy/ensemble.ts';
import { STRATEGY_NAMES, type StrategyName } from '../strategy/registry.ts';
import { formatTenThousandths, ONE, type TenThousandths } from '../strategy/ten-thousandths.ts';

/** The ensembles a search tries: all ways to share a weight of 1 out in equal steps, each under every threshold. */
export interface SearchSpace {
  /** Divides 1. */
  readonly weightStep: TenThousandths;
  /** Ascending. */
  readonly thresholds: readonly TenThousandths[];
}

/** Steps of 0.1 and thresholds 0.05 to 0.5: for six strategies 3,003 × 10 = 30,030 candidates. */
export const REFERENCE_SPACE: SearchSpace = {
  weightStep: 1_000,
  thresholds: Array.from({ length: 10 }, (_, index) => 500 * (index + 1)),
};

/** What tells one space from another in a record: `trend,momentum,… by 0.1000; threshold 0.0500,0.1000,…`. */
export function spaceName({ weightStep, thresholds }: SearchSpace): string {
  const levels = thresholds.map(formatTenThousandths).join();
  return `${STRATEGY_NAMES.join()} by ${formatTenThousandths(weightStep)}; threshold ${levels}`;
}

/**
 * Every candidate in the order of the space: by weights, the registry's first strategy first, from 0 upward; then by
 * threshold. A candidate is known by its place in this order.
 */
export function candidatesOf({ weightStep, thresholds }: SearchSpace): readonly Ensemble[] {
  return sharedOut(STRATEGY_NAMES.length, ONE, weightStep).flatMap((units) => {
    const weights = Object.fromEntries(STRATEGY_NAMES.map((name, index) => [name, units[index]])) as Record<
      StrategyName,
      TenThousandths
    >;
    return thresholds.map((threshold) => ({ weights, threshold }));
  });
}

/** All ways to share `total` out among `count` in multiples of `step`, in lexicographic order. */
function sharedOut(count: number, total: TenThousandths, step: TenThousandths): readonly TenThousandths[][] {
  if (count === 1) return [[total]];
  const ways: TenThousandths[][] = [];
  for (let first = 0; first <= total; first += step) {
    for (const rest of sharedOut(count - 1, total - first, step)) ways.push([first, ...rest]);
  }
  return ways;
}
