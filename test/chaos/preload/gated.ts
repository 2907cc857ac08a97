import { AsyncLocalStorage } from 'node:async_hooks';
import type { Gated, Verdict, Visit } from '../visit.ts';
import { askGate } from './ask-gate.ts';
import { brokenBuild } from './broken-builds.ts';
import { describeCall, describeResult } from './describe-call.ts';

type Work = (...args: never[]) => unknown;
type AsyncWork = (...args: unknown[]) => Promise<unknown>;

/** Nobody listens here: the system refuses the connection. (Port 1 is one that `fetch` itself refuses.) */
const NOWHERE = 'http://127.0.0.1:2';

const { searchParams } = new URL(import.meta.url);
const ask = askGate(Number(searchParams.get('port')));
const replaced = brokenBuild(searchParams.get('broken') ?? '');
const calledFrom = new AsyncLocalStorage<readonly Gated[]>();

/** The function as it is, or with the fault built in on purpose. */
export function built<T extends Work>(name: string, real: T): T {
  return (replaced[name]?.(real) as T | undefined) ?? real;
}

/**
 * The function with a gate before and one behind it.
 *
 * @param unconnected what is called in its place when the gate says so
 */
export function gated(name: Gated, real: Work, unconnected: Work = real): Work {
  const [work, elsewhere] = [real, unconnected].map((one) => built(name, one) as AsyncWork) as [AsyncWork, AsyncWork];
  return async (...args: unknown[]) => {
    const within = calledFrom.getStore() ?? [];
    const about = { pid: process.pid, of: name, within };
    const call = describeCall(name, args);
    const told = await pass({ ...about, when: 'before', ...call });
    const chosen = told === 'unconnected' ? elsewhere : work;
    const outcome = await calledFrom.run([...within, name], () => settle(() => chosen(...args)));
    const detail = outcome.threw ? nameOf(outcome.error) : describeResult(name, args, outcome.value);
    await pass({ ...about, when: 'after', ...call, detail });
    if (outcome.threw) throw outcome.error;
    return outcome.value;
  };
}

export function gatedClient(create: Work, calls: readonly Gated[]): Work {
  return (...args) => {
    const [options] = args as unknown as [object];
    const make = create as (options: object) => Record<string, Work>;
    const client = make(options);
    // The bot's own client all the same, so that it is its own code that tells what such a failure means.
    const unconnected = make({ ...options, baseUrl: NOWHERE });
    const gates = calls.map((name) => [name, gated(name, client[name] as Work, unconnected[name] as Work)]);
    return { ...client, ...Object.fromEntries(gates) };
  };
}

async function pass(visit: Visit): Promise<Verdict> {
  const verdict = await ask(visit);
  if (verdict === 'lose') throw new Error('Connection terminated unexpectedly');
  return verdict;
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
