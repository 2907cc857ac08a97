/**
 * What workflow code imports as `@temporalio/workflow`: the same errors, and activities handed to the simulated server.
 * Workflows here await activities and nothing else, so that no replay is needed for one to go on after a crash.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ActivityOptions } from '@temporalio/workflow';

export { ActivityFailure, ApplicationFailure } from '@temporalio/common';
export { isCancellation } from '@temporalio/workflow/lib/errors.js';

/** How the code of a run reaches the server that runs it. */
export interface RunOfWorkflow {
  activity(name: string, input: unknown, options: ActivityOptions): Promise<unknown>;
  tell(line: string): void;
}

export const runs = new AsyncLocalStorage<RunOfWorkflow>();

function run(): RunOfWorkflow {
  const current = runs.getStore();
  if (current === undefined) throw new Error('workflow code runs outside of a run');
  return current;
}

export function proxyActivities<T extends object>(options: ActivityOptions): T {
  return new Proxy({} as T, { get: (_, name) => (input: unknown) => run().activity(String(name), input, options) });
}

export const log = {
  warn: (message: string, facts: object) => run().tell(`${message} ${JSON.stringify(facts)}`),
  error: (message: string, facts: object) => run().tell(`${message} ${JSON.stringify(facts)}`),
};

export function setCurrentDetails(): void {}

export function upsertSearchAttributes(): void {}
