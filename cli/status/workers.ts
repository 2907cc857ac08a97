import { type Page, renderTable, span } from '../output.ts';
import type { Finding, StatusFacts } from './facts.ts';

/** A line for each task queue: who asks for its work. */
export function workersText({ workers, read_at: now }: Pick<StatusFacts, 'workers' | 'read_at'>, page: Page): string {
  const rows = workers.map(({ queue, workers: names, last_poll_at: at }) => ({
    queue,
    state: names.length === 0 ? 'no worker' : `served by ${names.join(', ')}`,
    asked: at === null ? '' : `${span(now.getTime() - at.getTime())} ago`,
  }));
  const columns = [
    ['queue', 'TASK QUEUE'],
    ['state', 'STATE'],
    ['asked', 'LAST POLL'],
  ] as const;
  return renderTable(rows, columns, page.columns);
}

/** Task queues whose work nobody does. */
export function workerFindings({ workers, read_at: now }: Pick<StatusFacts, 'workers' | 'read_at'>): Finding[] {
  return workers
    .filter(({ workers: names }) => names.length === 0)
    .map(({ queue, last_poll_at: at }) => ({
      about: queue,
      problem: `no worker asks for its work${at === null ? '' : `, for ${span(now.getTime() - at.getTime())} now`}`,
      cure: 'see to it where its processes are kept: npm start, or docker compose ps -a',
    }));
}
