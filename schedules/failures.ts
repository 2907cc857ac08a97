import type { Client } from '@temporalio/client';
import { marketAttribute } from '../workflows/search-attributes.ts';

/** How many runs of one kind ended badly. */
export interface FailureCount {
  readonly type: string;
  /** Null for workflows that serve all markets. */
  readonly market: string | null;
  readonly count: number;
}

/** More failures than this are not told apart: the newest ones say what is wrong. */
const LOOKED_AT = 200;

/** It runs once a day, so that its failures are told until the next one succeeds, not for some minutes. */
const SEARCH = 'OptimizeWorkflow';

/** Runs that failed or timed out since an instant, counted by workflow and market. Terminated ones had their reason. */
export async function recentFailures(client: Client, since: Date): Promise<readonly FailureCount[]> {
  const failed = `WorkflowType != "${SEARCH}" AND ExecutionStatus IN ("Failed", "TimedOut")`;
  const query = `${failed} AND CloseTime > "${since.toISOString()}"`;
  const counts = new Map<string, FailureCount>();
  let looked = 0;
  for await (const run of client.workflow.list({ query })) {
    const market = run.typedSearchAttributes.get(marketAttribute) ?? null;
    const key = `${run.type} ${market}`;
    counts.set(key, { type: run.type, market, count: (counts.get(key)?.count ?? 0) + 1 });
    looked += 1;
    if (looked === LOOKED_AT) break;
  }
  return [...counts.values()];
}

/** A market whose newest search of weights failed, so that its weights are older than they should be. */
export interface FailedSearch {
  readonly market: string | null;
  readonly failed_at: Date;
}

/** Of each market with a search that ended, as far back as the server keeps runs, the newest where it failed. */
export async function failedSearches(client: Client): Promise<readonly FailedSearch[]> {
  const query = `WorkflowType = "${SEARCH}" AND ExecutionStatus IN ("Completed", "Failed", "TimedOut")`;
  const newest = new Map<string | null, { readonly closed: Date; readonly failed: boolean }>();
  let looked = 0;
  for await (const { typedSearchAttributes, closeTime, status } of client.workflow.list({ query })) {
    const market = typedSearchAttributes.get(marketAttribute) ?? null;
    const closed = closeTime ?? new Date(0);
    if (closed > (newest.get(market)?.closed ?? new Date(0))) {
      newest.set(market, { closed, failed: status.name !== 'COMPLETED' });
    }
    looked += 1;
    if (looked === LOOKED_AT) break;
  }
  return [...newest].filter(([, run]) => run.failed).map(([market, run]) => ({ market, failed_at: run.closed }));
}
