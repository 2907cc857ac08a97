import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { HistoryResult } from './history.ts';

/** Histories in the order of their seeds, from the first one on and without end. */
export type Lives = AsyncGenerator<HistoryResult, never>;

export async function* livesOneByOne(first: number, live: (seed: number) => Promise<HistoryResult>): Lives {
  for (let seed = first; ; seed += 1) yield await live(seed);
}

/**
 * The same in processes of their own, each on the next seed that nobody has taken. Who lives which seed depends on the
 * machine, what comes out does not: a history depends on its seed alone, and they are handed on in order.
 */
export async function* livesSideBySide(first: number, jobs: number, buildName: string | null): Lives {
  const results = new Map<number, Promise<HistoryResult>>();
  let next = first;
  let over = false;
  const processes = Array.from({ length: jobs }, () => startJob(buildName));
  const work = async (job: ChildProcess): Promise<void> => {
    while (!over) {
      const seed = next;
      next += 1;
      const result = liveIn(job, seed);
      results.set(seed, result);
      await result;
    }
  };
  // What one of them fails with is told where its seed is waited for.
  for (const job of processes) work(job).catch(() => undefined);
  try {
    for (let seed = first; ; seed += 1) {
      const result = results.get(seed);
      if (result === undefined) throw new Error(`no process took seed ${seed}`);
      yield await result;
      results.delete(seed);
    }
  } finally {
    over = true;
    for (const job of processes) job.disconnect();
  }
}

function startJob(buildName: string | null): ChildProcess {
  const build = buildName === null ? [] : ['--build', buildName];
  return fork(fileURLToPath(new URL('./run.ts', import.meta.url)), ['--job', ...build], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

function liveIn(job: ChildProcess, seed: number): Promise<HistoryResult> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null, signal: string | null) => {
      reject(new Error(`the process that lived seed ${seed} ended with ${signal ?? code}`));
    };
    job.once('exit', ended);
    job.once('message', (result: HistoryResult) => {
      job.off('exit', ended);
      resolve(result);
    });
    job.send(seed);
  });
}

/** What such a process does: lives every seed it is sent, until nobody sends any more. */
export function liveWhatIsSent(live: (seed: number) => Promise<HistoryResult>): Promise<void> {
  return new Promise((resolve, reject) => {
    process.on('message', (seed: number) => {
      live(seed).then((result) => {
        if (process.connected) process.send?.(result);
      }, reject);
    });
    process.once('disconnect', resolve);
  });
}
