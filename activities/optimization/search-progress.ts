import { betterOf, type Found } from '../../backtest/search.ts';

/** How far a search is, as heartbeats carry it: everything a next attempt needs to go on. */
export interface SearchProgress {
  /** Of the job; progress on another one counts for nothing. */
  readonly fingerprint: string;
  /** Chunks there are, and which are done, ascending. */
  readonly chunks: number;
  readonly done: readonly number[];
  /** The best of those; null before the first. A bigint is no JSON: equity in 1e-24 KRW as text. */
  readonly best: { readonly candidate: number; readonly finalEquity: string; readonly roundTrips: number } | null;
}

/** What an earlier attempt told, where it was about the same job. */
export function progressOn(fingerprint: string, chunks: number, told: unknown): SearchProgress {
  const earlier = told as Partial<SearchProgress> | null | undefined;
  const same = earlier?.fingerprint === fingerprint && earlier.chunks === chunks && Array.isArray(earlier.done);
  return same ? (earlier as SearchProgress) : { fingerprint, chunks, done: [], best: null };
}

export function withChunk(progress: SearchProgress, chunk: number, found: Found | undefined): SearchProgress {
  const { best } = progress;
  const before = best === null ? undefined : { ...best, finalEquity: BigInt(best.finalEquity) };
  const better = betterOf(before, found);
  return {
    ...progress,
    done: [...progress.done, chunk].sort((a, b) => a - b),
    best: better === undefined ? null : { ...better, finalEquity: String(better.finalEquity) },
  };
}
