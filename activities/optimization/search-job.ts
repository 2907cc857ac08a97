import { createHash } from 'node:crypto';
import type { Metrics } from '../../backtest/metrics.ts';
import type { Found } from '../../backtest/search.ts';
import type { SearchSpace } from '../../backtest/search-space.ts';
import type { Terms } from '../../backtest/simulate.ts';
import type { Bar } from '../../strategy/bar-series.ts';
import type { ensembleText } from '../../strategy/ensemble.ts';

/** All that a search's result depends on. */
export interface SearchJob {
  /** Closed candles, oldest first. */
  readonly bars: readonly Bar[];
  /** Index of the first candle decided on. */
  readonly decidedFrom: number;
  readonly terms: Terms;
  readonly space: SearchSpace;
}

/** What a search thread is asked, one at a time, the job first. */
export type SearchQuestion =
  | { readonly kind: 'plan'; readonly job: SearchJob }
  | { readonly kind: 'chunk'; readonly chunk: number }
  | { readonly kind: 'judge'; readonly candidate: number };

export interface SearchAnswers {
  readonly plan: { readonly candidates: number; readonly distinct: number; readonly chunks: number };
  readonly chunk: Found | undefined;
  readonly judge: ReturnType<typeof ensembleText> & { readonly metrics: Metrics };
}

/** The same for equal jobs only: progress made on other candles, costs or rules is no progress. */
export function fingerprintOf(job: SearchJob): string {
  // Counts up when the search itself changes: the same chunk then holds other candidates.
  return createHash('sha256')
    .update(JSON.stringify(['durabit search 2', job]))
    .digest('hex')
    .slice(0, 16);
}
