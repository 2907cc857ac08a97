import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time.js';

/**
 * Set by the server when a run's own steps failed five times in a row, and taken away when one succeeds. A step that fails
 * is given up by its time limit from the second try on, so that this takes half a minute with our limit of 3 s.
 */
const reportedProblems = defineSearchAttributeKey('TemporalReportedProblems', SearchAttributeType.KEYWORD_LIST);

/** More than what can have been recorded since a step succeeded: failures after the first leave nothing. */
const NEWEST_EVENTS = 50;

/** The wire's number of a cause; @temporalio/proto has it by name but is not a dependency of ours. */
const NON_DETERMINISTIC_ERROR = 24;

/** A run that cannot take its next step: the server lets it try for ever, and its schedule starts no other one. */
export interface StuckRun {
  readonly workflow_id: string;
  readonly run_id: string;
  readonly type: string;
  /** When its step failed first, wall time; null where the server does not tell. */
  readonly since: Date | null;
  /**
   * What its worker said; null where it never answered in time, and where only that was noted: what it says after a first
   * task without an answer is in its log alone.
   */
  readonly message: string | null;
  /** Whether it is known to be stuck because its code is not that which wrote its history. */
  readonly code_changed: boolean;
}

/** Not asked for by the attribute: an older server does not know it and refuses a query that names it. */
export async function readStuckRuns(client: Client): Promise<readonly StuckRun[]> {
  const stuck: StuckRun[] = [];
  for await (const run of client.workflow.list({ query: 'ExecutionStatus = "Running"' })) {
    const problems = run.typedSearchAttributes.get(reportedProblems);
    if (problems === undefined) continue;
    const { workflowId, runId, type } = run;
    const failure = await readFirstFailure(client, { workflowId, runId });
    stuck.push({
      ...{ workflow_id: workflowId, run_id: runId, type, since: failure.since, message: failure.message },
      code_changed: failure.nonDeterministic || problems.some((problem) => problem.endsWith('NonDeterministicError')),
    });
  }
  return stuck;
}

/**
 * Since a step succeeded last. The first failure alone says why: the next are given up by the time limit, and the attribute
 * may then say no more than that. Before it a worker that is gone may have left tasks without an answer.
 */
async function readFirstFailure(
  { workflowService, options: { namespace } }: Client,
  execution: { readonly workflowId: string; readonly runId: string },
): Promise<{ readonly since: Date | null; readonly message: string | null; readonly nonDeterministic: boolean }> {
  const request = { namespace, execution, maximumPageSize: NEWEST_EVENTS };
  const { history } = await workflowService.getWorkflowExecutionHistoryReverse(request);
  const events = history?.events ?? [];
  const succeeded = events.findIndex((event) => event.workflowTaskCompletedEventAttributes);
  const later = succeeded === -1 ? events : events.slice(0, succeeded);
  const failed = later.findLast((event) => event.workflowTaskFailedEventAttributes);
  const first = failed ?? later.findLast((event) => event.workflowTaskTimedOutEventAttributes);
  const said = failed?.workflowTaskFailedEventAttributes;
  return {
    since: first?.eventTime ? new Date(tsToMs(first.eventTime)) : null,
    message: said?.failure?.message ?? null,
    nonDeterministic: said?.cause === NON_DETERMINISTIC_ERROR,
  };
}
