import { AsyncLocalStorage } from 'node:async_hooks';

/** A simulated operating-system process: what it waits for never comes once it is dead, and later where it stands still. */
export interface Host {
  readonly name: string;
  alive: boolean;
  /** Virtual instant until which nothing reaches it. */
  standsUntil: number;
  /** Whether faults strike it. */
  readonly faulty: boolean;
}

/** Where the exchange is: what is on its way there or happens there goes on while the bot's machine is suspended. */
export const ELSEWHERE: Host = { name: 'elsewhere', alive: true, standsUntil: 0, faulty: false };

/** On whose behalf code runs: told by the chain of its promises, so that production code need not pass it along. */
interface Scope {
  readonly host: Host;
  /** What it is doing, unique in the history: `trade-KRW-BTC@7 placeOrder#2`. */
  readonly task: string;
  steps: number;
}

const scopes = new AsyncLocalStorage<Scope>();

export function inHost<T>(host: Host, task: string, work: () => T): T {
  return scopes.run({ host, task, steps: 0 }, work);
}

export function currentHost(): Host | undefined {
  return scopes.getStore()?.host;
}

/** A step over which code loses control: the name under which a fault can strike it. */
export function nextStep(): { readonly host: Host; readonly name: string } {
  const scope = scopes.getStore();
  if (scope === undefined) throw new Error('a request was made outside of every simulated process');
  scope.steps += 1;
  return { host: scope.host, name: `${scope.task} step ${scope.steps}` };
}
