import { AsyncLocalStorage } from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import { currentHost, ELSEWHERE, type Host } from './host.ts';

interface Entry {
  at: number;
  readonly order: number;
  readonly run: () => void;
  readonly host: Host | undefined;
  cancelled: boolean;
}

/**
 * The one clock of a history. It stands while code runs, and goes on to the next instant something is due when all
 * promises have come to rest: between two instants nothing depends on how fast this machine is.
 */
export class VirtualTime {
  /** Epoch milliseconds. */
  now: number;
  #due: Entry[] = [];
  #order = 0;
  #suspendedMs = 0;

  constructor(start: number) {
    this.now = start;
  }

  /** The clock that only goes forward, and stands while the machine is suspended; milliseconds since the history began. */
  get monotonic(): number {
    return this.now - VIRTUAL_START - this.#suspendedMs;
  }

  /** The bot's machine does nothing for so long, its servers included: what was due comes so much later, elsewhere life goes on. */
  suspend(ms: number): void {
    this.#suspendedMs += ms;
    for (const entry of this.#due) if (entry.host !== ELSEWHERE) entry.at += ms;
    // In order it is a heap too.
    this.#due.sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  /** @param host to whom it happens: not at all if dead by then, later if standing still */
  after(ms: number, run: () => void, host?: Host): { cancel(): void } {
    const entry: Entry = { at: this.now + Math.max(0, ms), order: this.#order++, run, host, cancelled: false };
    this.#push(entry);
    return {
      cancel: () => {
        entry.cancelled = true;
      },
    };
  }

  /** Lets everything happen that is due until `until`, or until `enough`. */
  async pass(until: number, enough: () => boolean = () => false): Promise<void> {
    await settled();
    while (!enough()) {
      const next = this.#due[0];
      if (next === undefined || next.at > until) {
        this.now = Math.max(this.now, until);
        return;
      }
      this.#pop();
      if (next.cancelled || next.host?.alive === false) continue;
      if (next.host !== undefined && next.host.standsUntil > next.at) {
        next.at = next.host.standsUntil;
        this.#push(next);
        continue;
      }
      this.now = Math.max(this.now, next.at);
      next.run();
      await settled();
    }
  }

  #push(entry: Entry): void {
    const due = this.#due;
    let place = due.push(entry) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (isBefore(due[above] as Entry, entry)) break;
      due[place] = due[above] as Entry;
      place = above;
    }
    due[place] = entry;
  }

  #pop(): void {
    const due = this.#due;
    const last = due.pop() as Entry;
    if (due.length === 0) return;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= due.length) break;
      if (below + 1 < due.length && isBefore(due[below + 1] as Entry, due[below] as Entry)) below += 1;
      if (isBefore(last, due[below] as Entry)) break;
      due[place] = due[below] as Entry;
      place = below;
    }
    due[place] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

const realImmediate = setImmediate;

/** Resolves when no promise and no `nextTick` is left to run. */
function settled(): Promise<void> {
  return new Promise((resolve) => realImmediate(resolve));
}

let current: VirtualTime | undefined;

/** The clock that {@link installVirtualTime} shows to everybody. */
export function useTime(time: VirtualTime): void {
  current = time;
}

/**
 * Puts the virtual clock where code finds the real one: `Date.now`, `performance.now`, timers, their promises. For a
 * process that does nothing but simulate; PostgreSQL inside it takes its clock from `Date.now` too.
 */
export function installVirtualTime(): void {
  const realNow = Date.now;
  const realPerformance = performance.now.bind(performance);
  Date.now = () => current?.now ?? realNow();
  performance.now = () => (current === undefined ? realPerformance() : current.monotonic);
  const timers = globalThis as unknown as Record<string, unknown>;
  const real = { setTimeout, setInterval, clearTimeout };
  timers.setTimeout = (run: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) => {
    return current === undefined ? real.setTimeout(run, ms, ...given) : new Timer(current, run, ms, given, false);
  };
  timers.setInterval = (run: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) => {
    return current === undefined ? real.setInterval(run, ms, ...given) : new Timer(current, run, ms, given, true);
  };
  timers.clearTimeout = timers.clearInterval = (timer: unknown) => {
    if (timer instanceof Timer) timer.close();
    else real.clearTimeout(timer as NodeJS.Timeout);
  };
  const sleep = (ms?: number, value?: unknown) => new Promise((resolve) => setTimeout(() => resolve(value), ms));
  Object.assign(timersPromises, { setTimeout: sleep });
  syncBuiltinESMExports();
}

/** When every history begins. */
export const VIRTUAL_START = Date.UTC(2026, 0, 1);

/** What `setTimeout` gives: belongs to the simulated process that asked for it. */
class Timer {
  #entry: { cancel(): void } | undefined;

  constructor(
    time: VirtualTime,
    run: (...given: unknown[]) => void,
    ms: number | undefined,
    given: unknown[],
    repeats: boolean,
  ) {
    // As Node does it: whole milliseconds, one at least.
    const delay = ms !== undefined && ms >= 1 && ms <= 2 ** 31 - 1 ? Math.trunc(ms) : 1;
    const host = currentHost();
    const inContext = AsyncLocalStorage.snapshot();
    const arm = () => {
      this.#entry = time.after(
        delay,
        () => {
          if (repeats) arm();
          inContext(run, ...given);
        },
        host,
      );
    };
    arm();
  }

  close(): void {
    this.#entry?.cancel();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}
