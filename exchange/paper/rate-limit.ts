import { type BlockedUnit, createBlocks } from './rate-blocks.ts';

interface GroupLimit {
  /** A half is one call in two seconds, a tenth one in ten. */
  readonly perSecond: number;
  /** Upbit counts quotation by address and the account's calls by pocket; what is counted together is blocked together. */
  readonly countedBy: BlockedUnit;
}

/** Upbit's limit groups by the names in its `Remaining-Req` header. */
const RATE_LIMITS = {
  market: { perSecond: 10, countedBy: 'address' },
  candles: { perSecond: 10, countedBy: 'address' },
  'crix-trades': { perSecond: 10, countedBy: 'address' },
  ticker: { perSecond: 10, countedBy: 'address' },
  orderbook: { perSecond: 10, countedBy: 'address' },
  default: { perSecond: 30, countedBy: 'pocket' },
  order: { perSecond: 12, countedBy: 'pocket' },
  // How the header spells these two was never seen; the documentation's own names are taken.
  'order-test': { perSecond: 8, countedBy: 'pocket' },
  'order-cancel-all': { perSecond: 0.5, countedBy: 'pocket' },
  // Upbit counts the private ones by pocket; here both count as one.
  'websocket-connect': { perSecond: 5, countedBy: 'address' },
  // In place of the group of a quotation call, or of a handshake, that a web page makes.
  origin: { perSecond: 0.1, countedBy: 'address' },
} as const satisfies Readonly<Record<string, GroupLimit>>;

export type RateGroup = keyof typeof RATE_LIMITS;

export interface RateCount {
  readonly allowed: boolean;
  /** Seconds of market time that a block still lasts; undefined where there is none. */
  readonly blockedFor: number | undefined;
  /** Value of the `Remaining-Req` header. */
  readonly remaining: string;
}

/** Sums of fractions miss a whole call by their last digits. */
const ROUNDING = 1e-6;

/** Calls that a group has left, and since when (wall, epoch ms). */
interface Bucket {
  readonly left: number;
  readonly at: number;
}

/**
 * Counts calls per group: by address in each wall second (or two, or ten) afresh, by pocket in a bucket that fills all the time,
 * so that a second's worth at its end leaves nothing for the beginning of the next (upbit.md §2). The limits are meant per second
 * of market time, so an accelerated exchange allows `speed` times as many. All clients share the counters: they come from one
 * machine and one key.
 */
export function createRateLimit(speed: number, wallClock: () => number): (group: RateGroup) => RateCount {
  const buckets = new Map<RateGroup, Bucket>();
  const blocks = createBlocks(speed, wallClock);
  return (group) => {
    const { perSecond, countedBy } = RATE_LIMITS[group];
    const seconds = perSecond < 1 ? 1 / perSecond : 1;
    const limit = perSecond * speed * seconds;
    const header = (left: number) => `group=${group}; min=${Math.round(perSecond * speed * 60)}; sec=${left}`;
    const blockedFor = blocks.secondsLeft(countedBy);
    if (blockedFor !== undefined) return { allowed: false, blockedFor, remaining: header(0) };

    const now = wallClock();
    const periodMs = seconds * 1_000;
    const period = Math.floor(now / periodMs);
    const last = buckets.get(group) ?? { left: limit, at: now };
    // A wall that is set back makes a fresh second as well, but no bucket fuller.
    const isFresh = countedBy === 'address' && period !== Math.floor(last.at / periodMs);
    const filled = countedBy === 'pocket' ? (Math.max(0, now - last.at) * limit) / periodMs : 0;
    const left = isFresh ? limit : Math.min(limit, last.left + filled);
    const allowed = left > 1 - ROUNDING;
    buckets.set(group, { left: Math.max(0, allowed ? left - 1 : left), at: now });
    if (!allowed) blocks.noteRefusal({ group, countedBy, period, callsPerSecond: perSecond * speed });
    return { allowed, blockedFor: undefined, remaining: header(Math.max(0, Math.floor(left - 1 + ROUNDING))) };
  };
}

/** What a request counts in: Upbit allows quotation one call in ten seconds to whoever sends `Origin`, as web pages do. */
export function countedGroup(group: RateGroup, { origin }: { readonly origin?: string | undefined }): RateGroup {
  return origin !== undefined && RATE_LIMITS[group].countedBy === 'address' ? 'origin' : group;
}
