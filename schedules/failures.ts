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

/** Runs that failed or timed out since an instant, counted by workflow and market. Terminated ones had their reason. */
export async function recentFailures(client: Client, since: Date): Promise<readonly FailureCount[]> {
  const query = `ExecutionStatus IN ("Failed", "TimedOut") AND CloseTime > "${since.toISOString()}"`;
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
