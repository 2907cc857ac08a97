import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SearchAnswers, SearchJob } from './search-job.ts';

/** A thread that searches, so that the process stays free to report and to stop. One question at a time. */
export interface SearchThread {
  plan(job: SearchJob): Promise<SearchAnswers['plan']>;
  chunk(chunk: number): Promise<SearchAnswers['chunk']>;
  judge(candidate: number): Promise<SearchAnswers['judge']>;
  /** Ends it, whatever it is doing. */
  close(): Promise<void>;
}

/** As many as leave a core to those who trade. */
export function searchThreads(): number {
  return Math.max(1, availableParallelism() - 1);
}

/** @param script a file that calls `serveSearch` */
export function openSearchThread(script: URL): SearchThread {
  const thread = new Worker(script);
  // Whoever waits for an answer hears of a failure; with nobody waiting it must not end the process.
  thread.on('error', () => undefined);
  async function ask(question: object): Promise<unknown> {
    const answered = new AbortController();
    const { signal } = answered;
    thread.postMessage(question);
    try {
      // `once` rejects by itself when the thread fails.
      return await Promise.race([
        once(thread, 'message', { signal }).then(([answer]) => answer),
        once(thread, 'exit', { signal }).then(([code]) => {
          throw new Error(`a search thread ended with ${code} before it answered`);
        }),
      ]);
    } finally {
      answered.abort();
    }
  }
  return {
    plan: (job) => ask({ kind: 'plan', job }) as Promise<SearchAnswers['plan']>,
    chunk: (chunk) => ask({ kind: 'chunk', chunk }) as Promise<SearchAnswers['chunk']>,
    judge: (candidate) => ask({ kind: 'judge', candidate }) as Promise<SearchAnswers['judge']>,
    close: async () => {
      await thread.terminate();
    },
  };
}
