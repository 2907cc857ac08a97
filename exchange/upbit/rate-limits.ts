import { setTimeout as sleep } from 'node:timers/promises';
import { Banned, RateLimited } from '../errors.ts';
import { BLOCKED } from './error-names.ts';
import { steadyWallClock } from './steady-wall-clock.ts';
import type { PaceLimit } from './stream/pace.ts';

/** What Upbit allows each group of calls (upbit.md §2), by the names that its `Remaining-Req` header has for them. */
const DOCUMENTED = {
  market: { most: 10, everyMs: 1_000 },
  candles: { most: 10, everyMs: 1_000 },
  ticker: { most: 10, everyMs: 1_000 },
  orderbook: { most: 10, everyMs: 1_000 },
  'crix-trades': { most: 10, everyMs: 1_000 },
  default: { most: 30, everyMs: 1_000 },
  order: { most: 12, everyMs: 1_000 },
  // How the header spells these two was never seen; upbit.md's own names are taken.
  'order-test': { most: 8, everyMs: 1_000 },
  'order-cancel-all': { most: 1, everyMs: 2_000 },
} as const satisfies Readonly<Record<string, PaceLimit>>;

export type RateGroup = keyof typeof DOCUMENTED;

/** Wall time after which a group that was refused a call has calls again, wherever the exchange's seconds begin. */
export function pauseAfterRefusal(group: RateGroup | 'websocket-connect'): number {
  return group === 'websocket-connect' ? 1_000 : DOCUMENTED[group].everyMs;
}

export interface RateLimits {
  /**
   * Waits for the group's next turn.
   *
   * @param patienceMs how long the caller can wait; who would wait longer is refused as soon as that is certain
   * @returns to be called once the call is over, with the `Remaining-Req` header of its answer, where there was one
   * @throws {RateLimited | Banned}
   */
  admit(group: RateGroup, patienceMs: number): Promise<(remaining: string | null) => void>;
  /** Stops the group after the exchange has refused a call. */
  pause(group: RateGroup, refusal: RateLimited | Banned): void;
}

/** Seconds of a paper exchange at speed 60 hold 1,800 calls; what is longer than this is no count of calls. */
const REMAINING = /group=([a-z-]+);\s*(?:min=\d+;\s*)?sec=(\d{1,7})(?!\d)/i;

/** How a group stands. All instants are the wall's, epoch milliseconds. */
interface Group {
  readonly name: RateGroup;
  /** More than documented where the exchange says that it has more left: one on paper runs faster. */
  most: number;
  readonly everyMs: number;
  /** Calls whose answers are still to come. */
  underWay: number;
  /** When the places of those that are over become free, the next one first. */
  freeAt: number[];
  /** Places that somebody else has taken, by the exchange's own count, and until when they are as good as that. */
  others: { readonly places: number; readonly until: number };
  /** Closed by a refusal. */
  closedUntil: number;
  banned: boolean;
  lastTurn: number;
  /** Until then calls go out one by one, because some had to wait. */
  crowdedUntil: number;
  /** Calls that wait, and the last one of them, for which the next one waits. */
  waiting: number;
  line: Promise<unknown>;
}

/**
 * Never a call too many, inside one process: a call has one of its group's places from its turn until a period after its
 * answer. It was counted between the two, so of those counted in the same period, wherever that begins and however long
 * the way takes, all have a place when the last one gets its own. What others have used, under the same key or
 * address, the exchange's `Remaining-Req` shows. Going on through refusals is what gets an address blocked (418).
 */
export function createRateLimits(
  now: () => number = steadyWallClock(),
  wait: (ms: number) => Promise<unknown> = (ms) => sleep(ms),
): RateLimits {
  const groups = new Map<RateGroup, Group>();
  const groupOf = (name: RateGroup): Group => {
    const known = groups.get(name);
    if (known !== undefined) return known;
    const fresh: Group = {
      ...{ name, ...DOCUMENTED[name], underWay: 0, freeAt: [], others: { places: 0, until: 0 } },
      ...{ closedUntil: 0, banned: false, lastTurn: 0, crowdedUntil: 0, waiting: 0, line: Promise.resolve() },
    };
    groups.set(name, fresh);
    return fresh;
  };

  /** @throws {RateLimited | Banned} when a call with so many before it cannot have its turn in time */
  function turnOf(group: Group, ahead: number, giveUpAt: number): number {
    if (group.banned && now() < group.closedUntil) throw new Banned(group.closedUntil, BLOCKED);
    const turn = earliestTurn(group, ahead, now());
    if (turn > Math.max(giveUpAt, now())) throw new RateLimited(group.name, Math.ceil(turn - now()));
    return turn;
  }

  async function takePlace(group: Group, giveUpAt: number): Promise<(remaining: string | null) => void> {
    for (let turn = turnOf(group, 0, giveUpAt); turn > now(); turn = turnOf(group, 0, giveUpAt)) {
      group.crowdedUntil = turn + group.everyMs;
      await wait(Math.ceil(turn - now()));
    }
    group.banned = false;
    group.lastTurn = now();
    group.underWay += 1;
    const ours = ownPlaces(group, now());
    return (remaining) => {
      group.underWay -= 1;
      group.freeAt.push(now() + group.everyMs);
      learn(group, remaining, ours);
    };
  }

  /** @param ours our own calls that the answer may have counted; what overtook it is taken for somebody else's */
  function learn(group: Group, remaining: string | null, ours: number): void {
    const [, name, left] = remaining === null ? [] : (REMAINING.exec(remaining) ?? []);
    if (name?.toLowerCase() !== group.name) return;
    group.most = Math.max(group.most, Number(left) + 1);
    const places = group.most - Number(left) - ours;
    // The fewer that a late answer tells of were counted before.
    const known = now() < group.others.until ? group.others.places : 0;
    if (places > 0 && places >= known) group.others = { places, until: now() + group.everyMs };
  }

  return {
    async admit(name, patienceMs) {
      const group = groupOf(name);
      const giveUpAt = now() + patienceMs;
      turnOf(group, group.waiting, giveUpAt);
      group.waiting += 1;
      const turn = group.line.then(() => takePlace(group, giveUpAt));
      // Whoever is refused must not refuse those behind it.
      group.line = turn.catch(() => undefined);
      try {
        return await turn;
      } finally {
        group.waiting -= 1;
      }
    },
    pause(name, refusal) {
      const group = groupOf(name);
      group.banned ||= refusal instanceof Banned;
      const until = refusal instanceof Banned ? refusal.until : now() + refusal.retryAfterMs;
      group.closedUntil = Math.max(until, group.closedUntil);
      group.crowdedUntil = group.closedUntil + group.everyMs;
    },
  };
}

/** Places that our own calls have, after those that are free by now are forgotten. */
function ownPlaces(group: Group, now: number): number {
  const stillTaken = group.freeAt.findIndex((at) => at > now);
  group.freeAt.splice(0, stillTaken === -1 ? group.freeAt.length : stillTaken);
  return group.underWay + group.freeAt.length;
}

/** The first instant that a call with so many before it can have its turn, were every answer there now. */
function earliestTurn(group: Group, ahead: number, now: number): number {
  const apart = now < group.crowdedUntil ? group.lastTurn + (group.everyMs / group.most) * (ahead + 1) : now;
  return Math.max(now, apart, group.closedUntil, placeFreeAt(group, ahead, now));
}

function placeFreeAt(group: Group, ahead: number, now: number): number {
  const { most, everyMs, underWay, freeAt } = group;
  const others = now < group.others.until ? group.others : { places: 0, until: now };
  let wanted = ownPlaces(group, now) + others.places + ahead + 1 - most;
  if (wanted <= 0) return now;
  const freed = [...freeAt.map((at) => ({ at, places: 1 })), { at: others.until, places: others.places }];
  for (const { at, places } of [
    ...freed.sort((one, other) => one.at - other.at),
    { at: now + everyMs, places: underWay },
  ]) {
    wanted -= places;
    if (wanted <= 0) return at;
  }
  // The rest are places of those before it, who get theirs at the earliest now.
  return now + everyMs * Math.ceil(wanted / most);
}
