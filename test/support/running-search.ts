import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { SearchProgress } from '../../activities/optimization/search-progress.ts';
import type { WeightsFound } from '../../activities/optimization.ts';
import { connectTemporal } from '../../cli/temporal-session.ts';
import type { RunningInstance } from '../../cli/up/instance-file.ts';
import { targetOf } from '../../cli/up/run-addresses.ts';

/** A search as Temporal shows it while it runs. */
export interface RunningSearch {
  readonly attempt: number;
  readonly told: SearchProgress;
}

interface EndedSearch {
  readonly attempt: number;
  readonly found: WeightsFound;
}

/** The newest run of OptimizeWorkflow of a running bot, seen from outside the optimizer's process. */
export interface WatchedSearch {
  /** Undefined before it has told anything. */
  running(): Promise<RunningSearch | undefined>;
  /** Waits until what it told is enough. */
  until(enough: (search: RunningSearch) => boolean): Promise<RunningSearch>;
  /** @throws when no search has ended */
  ended(): Promise<EndedSearch>;
  close(): Promise<void>;
}

const SEARCH = 'searchWeights';
const PATIENCE_MS = 120_000;

export async function watchSearch(instance: RunningInstance): Promise<WatchedSearch> {
  const target = targetOf(instance);
  const connection = await connectTemporal(target);
  const client = new Client({ connection, namespace: target.namespace });
  async function run() {
    for await (const { workflowId, runId } of client.workflow.list({ query: 'WorkflowType = "OptimizeWorkflow"' })) {
      return client.workflow.getHandle(workflowId, runId);
    }
    return undefined;
  }
  async function running(): Promise<RunningSearch | undefined> {
    const described = await (await run())?.describe();
    const search = described?.raw.pendingActivities?.find((pending) => pending.activityType?.name === SEARCH);
    const details = search?.heartbeatDetails?.payloads?.[0];
    const told = details && defaultPayloadConverter.fromPayload<SearchProgress | undefined>(details);
    return told && { attempt: Number(search?.attempt), told };
  }
  return {
    running,
    async until(enough) {
      const deadline = performance.now() + PATIENCE_MS;
      while (performance.now() < deadline) {
        const search = await running();
        if (search !== undefined && enough(search)) return search;
        await sleep(20);
      }
      throw new Error('the search did not get there in time');
    },
    async ended() {
      const events = (await (await run())?.fetchHistory())?.events ?? [];
      const scheduled = events.find(
        (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === SEARCH,
      );
      const ofSearch = (attributes?: { scheduledEventId?: unknown } | null) =>
        attributes && String(attributes.scheduledEventId) === String(scheduled?.eventId);
      const started = events.map((event) => event.activityTaskStartedEventAttributes).find(ofSearch);
      const completed = events.map((event) => event.activityTaskCompletedEventAttributes).find(ofSearch);
      const found = completed?.result?.payloads?.[0];
      if (!found) throw new Error('no search has ended');
      return { attempt: Number(started?.attempt), found: defaultPayloadConverter.fromPayload(found) };
    },
    close: () => connection.close(),
  };
}
