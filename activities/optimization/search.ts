import { fingerprintOf, type SearchAnswers, type SearchJob } from './search-job.ts';
import { progressOn, type SearchProgress, withChunk } from './search-progress.ts';
import type { SearchThread } from './search-thread.ts';

export interface Searching {
  /** At least one; each is closed when the search is over. */
  readonly threads: readonly SearchThread[];
  /** What an earlier attempt told, if there was one. */
  readonly earlier: unknown;
  /** Called after every chunk. */
  readonly tell: (progress: SearchProgress) => void;
  /** Ends the search, and with it the threads. */
  readonly signal: AbortSignal;
}

export interface Searched extends Readonly<SearchAnswers['judge']>, Readonly<SearchAnswers['plan']> {
  /** Chunks that were done already, by an attempt before this one. */
  readonly takenOver: number;
}

/**
 * Searches chunk by chunk in all threads, from where an earlier attempt stopped. How many threads there are, and which
 * of them is quicker, changes nothing: of two candidates always the same one is the better.
 */
export async function search(job: SearchJob, { threads, earlier, tell, signal }: Searching): Promise<Searched> {
  const end = () => void Promise.all(threads.map((thread) => thread.close()));
  signal.addEventListener('abort', end);
  try {
    signal.throwIfAborted();
    const [plan] = await Promise.all(threads.map((thread) => thread.plan(job)));
    if (plan === undefined) throw new Error('a search needs a thread');
    let progress = progressOn(fingerprintOf(job), plan.chunks, earlier);
    const done = new Set(progress.done);
    const left = Array.from({ length: plan.chunks }, (_, chunk) => chunk).filter((chunk) => !done.has(chunk));
    await Promise.all(
      threads.map(async (thread) => {
        for (let chunk = left.shift(); chunk !== undefined; chunk = left.shift()) {
          // Awaited first: other threads move the progress on meanwhile.
          const found = await thread.chunk(chunk);
          progress = withChunk(progress, chunk, found);
          tell(progress);
        }
      }),
    );
    const { best } = progress;
    if (best === null) throw new Error('a search found no candidate');
    return { ...plan, takenOver: done.size, ...(await (threads[0] as SearchThread).judge(best.candidate)) };
  } catch (error) {
    // Told to stop, threads fail for want of an end of their own.
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
    await Promise.all(threads.map((thread) => thread.close()));
  }
}
