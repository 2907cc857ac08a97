import { setTimeout as sleep } from 'node:timers/promises';
import { Banned, RateLimited } from '../errors.ts';
import { BLOCKED } from './error-names.ts';
import { steadyWallClock } from './steady-wall-clock.ts';

/** The rate-limit groups of the calls we make, as the `Remaining-Req` header spells them (upbit.md §2). */
export type RateGroup =
  | 'market'
  | 'candles'
  | 'ticker'
  | 'orderbook'
  | 'crix-trades'
  | 'default'
  | 'order'
  // How the header spells these two was never seen; upbit.md's own names are taken.
  | 'order-test'
  | typeof CANCEL_ALL;

/** The one group whose limit is not per second: one call in two. */
const CANCEL_ALL = 'order-cancel-all';

/** The wall instant at which a group that has no call left has some again: the next whole second, or the one after it. */
export function nextTurnOf(group: string, now: number): number {
  return (Math.floor(now / 1_000) + (group === CANCEL_ALL ? 2 : 1)) * 1_000;
}

export interface RateLimits {
  /**
   * Waits until the group may be asked again.
   *
   * @throws {RateLimited | Banned} when that is further off than a call may wait: the retry is Temporal's
   */
  admit(group: RateGroup): Promise<void>;
  /** Learns from a response's `Remaining-Req` header. */
  learn(header: string | null): void;
  /** Stops the group after the exchange has refused a call. */
  pause(group: RateGroup, refusal: RateLimited | Banned): void;
}

const REMAINING = /group=([a-z-]+);\s*(?:min=\d+;\s*)?sec=(\d+)/i;

/** A call waits at most for the next second and a little more; longer waits belong to the retry policy. */
const LONGEST_WAIT_MS = 1_500;

/** Calls that waited together go out one by one at the pace of the strictest group, 10 a second, not in a burst. */
const SPACING_MS = 100;

interface Group {
  /** Wall instants, epoch milliseconds. */
  closedUntil: number;
  easingUntil: number;
  banned: boolean;
  /** The last call in line; the next one waits for it. */
  line: Promise<unknown>;
}

/**
 * Obeys `Remaining-Req` inside one process: when the exchange says that no call is left in the current second, those of
 * that group wait for the next second, in line. Going on through refusals is what gets an address blocked (418).
 */
export function createRateLimits(
  now: () => number = steadyWallClock(),
  wait: (ms: number) => Promise<unknown> = (ms) => sleep(ms),
): RateLimits {
  const groups = new Map<string, Group>();
  const groupOf = (name: string): Group => {
    const known = groups.get(name);
    if (known !== undefined) return known;
    const fresh = { closedUntil: 0, easingUntil: 0, banned: false, line: Promise.resolve() };
    groups.set(name, fresh);
    return fresh;
  };
  const close = (group: Group, instant: number): void => {
    group.closedUntil = Math.max(instant, group.closedUntil);
    group.easingUntil = group.closedUntil + 1_000;
  };

  async function takeTurn(name: RateGroup, group: Group): Promise<void> {
    for (let delay = group.closedUntil - now(); delay > 0; delay = group.closedUntil - now()) {
      if (group.banned) throw new Banned(group.closedUntil, BLOCKED);
      if (delay > LONGEST_WAIT_MS) throw new RateLimited(name, delay);
      await wait(delay);
    }
    group.banned = false;
    if (now() < group.easingUntil) await wait(SPACING_MS);
  }

  return {
    admit(name) {
      const group = groupOf(name);
      const turn = group.line.then(() => takeTurn(name, group));
      // Whoever is refused must not refuse those behind it.
      group.line = turn.catch(() => undefined);
      return turn;
    },
    learn(header) {
      const [, name, left] = header === null ? [] : (REMAINING.exec(header) ?? []);
      if (name === undefined || Number(left) > 0) return;
      const group = name.toLowerCase();
      close(groupOf(group), nextTurnOf(group, now()));
    },
    pause(name, refusal) {
      const group = groupOf(name);
      group.banned ||= refusal instanceof Banned;
      close(group, refusal instanceof Banned ? refusal.until : now() + refusal.retryAfterMs);
    },
  };
}
