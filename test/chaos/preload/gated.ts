import { AsyncLocalStorage } from 'node:async_hooks';
import type { Gated, Visit } from '../visit.ts';
import { askGate } from './ask-gate.ts';
import { brokenBuild } from './broken-builds.ts';
import { describeCall, describeResult } from './describe-call.ts';

type Work = (...args: never[]) => unknown;

const { searchParams } = new URL(import.meta.url);
const ask = askGate(Number(searchParams.get('port')));
const replaced = brokenBuild(searchParams.get('broken') ?? '');
const calledFrom = new AsyncLocalStorage<readonly Gated[]>();

/** The function as it is, or with the fault built in on purpose. */
export function built<T extends Work>(name: string, real: T): T {
  return (replaced[name]?.(real) as T | undefined) ?? real;
}

/** The function with a gate before and one behind it. */
export function gated(name: Gated, real: Work): Work {
  const work = built(name, real) as (...args: unknown[]) => Promise<unknown>;
  return async (...args: unknown[]) => {
    const within = calledFrom.getStore() ?? [];
    const about = { pid: process.pid, of: name, within };
    const call = describeCall(name, args);
    await pass({ ...about, when: 'before', ...call });
    const outcome = await calledFrom.run([...within, name], () => settle(() => work(...args)));
    const detail = outcome.threw ? nameOf(outcome.error) : describeResult(name, args, outcome.value);
    await pass({ ...about, when: 'after', ...call, detail });
    if (outcome.threw) throw outcome.error;
    return outcome.value;
  };
}

export function gatedClient(create: Work, calls: readonly Gated[]): Work {
  return (...args) => {
    const client = create(...args) as Record<string, Work>;
    const gates = calls.map((name) => [name, gated(name, client[name] as Work)]);
    return { ...client, ...Object.fromEntries(gates) };
  };
}

async function pass(visit: Visit): Promise<void> {
  if ((await ask(visit)) === 'lose') throw new Error('Connection terminated unexpectedly');
}

type Outcome = { readonly threw: false; readonly value: unknown } | { readonly threw: true; readonly error: unknown };

async function settle(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { threw: false, value: await work() };
  } catch (error) {
    return { threw: true, error };
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
