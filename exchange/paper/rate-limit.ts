import { type BlockedUnit, createBlocks } from './rate-blocks.ts';

interface GroupLimit {
  /** A half is one call in two seconds. */
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
} as const satisfies Readonly<Record<string, GroupLimit>>;

export type RateGroup = keyof typeof RATE_LIMITS;

export interface RateCount {
  readonly allowed: boolean;
  /** Seconds of market time that a block still lasts; undefined where there is none. */
  readonly blockedFor: number | undefined;
  /** Value of the `Remaining-Req` header. */
  readonly remaining: string;
}

/**
 * Counts calls per group and wall second, or two. The limits are meant per second of market time, so an accelerated
 * exchange allows `speed` times as many. All clients share the counters: they come from one machine and one key.
 */
export function createRateLimit(speed: number, wallClock: () => number): (group: RateGroup) => RateCount {
  const used = new Map<RateGroup, { readonly period: number; readonly calls: number }>();
  const blocks = createBlocks(speed, wallClock);
  return (group) => {
    const { perSecond, countedBy } = RATE_LIMITS[group];
    const seconds = perSecond < 1 ? 1 / perSecond : 1;
    const limit = perSecond * speed * seconds;
    const header = (left: number) => `group=${group}; min=${perSecond * speed * 60}; sec=${left}`;
    const blockedFor = blocks.secondsLeft(countedBy);
    if (blockedFor !== undefined) return { allowed: false, blockedFor, remaining: header(0) };

    const period = Math.floor(wallClock() / (seconds * 1_000));
    const before = used.get(group);
    const calls = (before?.period === period ? before.calls : 0) + 1;
    used.set(group, { period, calls });
    const allowed = calls <= limit;
    if (!allowed) blocks.noteRefusal({ group, countedBy, period, callsPerSecond: perSecond * speed });
    return { allowed, blockedFor: undefined, remaining: header(Math.max(0, limit - calls)) };
  };
}
