/** Upbit's limit groups by the names in its `Remaining-Req` header, with calls per second; a half is one call in two. */
const RATE_LIMITS = {
  market: 10,
  candles: 10,
  'crix-trades': 10,
  ticker: 10,
  orderbook: 10,
  default: 30,
  order: 12,
  // How the header spells these two was never seen; the documentation's own names are taken.
  'order-test': 8,
  'order-cancel-all': 0.5,
  'websocket-connect': 5,
} as const;

export type RateGroup = keyof typeof RATE_LIMITS;

export interface RateCount {
  readonly allowed: boolean;
  /** Value of the `Remaining-Req` header. */
  readonly remaining: string;
}

/**
 * Counts calls per group and wall second, or two. The limits are meant per second of market time, so an accelerated
 * exchange allows `speed` times as many. All clients share the counters: they come from one machine and one key.
 */
export function createRateLimit(speed: number, wallClock: () => number): (group: RateGroup) => RateCount {
  const used = new Map<RateGroup, { readonly period: number; readonly calls: number }>();
  return (group) => {
    const perSecond = RATE_LIMITS[group] * speed;
    const seconds = RATE_LIMITS[group] < 1 ? 1 / RATE_LIMITS[group] : 1;
    const period = Math.floor(wallClock() / (seconds * 1_000));
    const before = used.get(group);
    const calls = (before?.period === period ? before.calls : 0) + 1;
    used.set(group, { period, calls });
    const limit = perSecond * seconds;
    const left = Math.max(0, limit - calls);
    return { allowed: calls <= limit, remaining: `group=${group}; min=${perSecond * 60}; sec=${left}` };
  };
}
