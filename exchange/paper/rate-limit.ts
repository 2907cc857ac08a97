/** Upbit's limit groups by the names in its `Remaining-Req` header, with calls per second. */
const RATE_LIMITS = {
  market: 10,
  candles: 10,
  'crix-trades': 10,
  ticker: 10,
  orderbook: 10,
  default: 30,
  order: 12,
  'websocket-connect': 5,
} as const;

export type RateGroup = keyof typeof RATE_LIMITS;

export interface RateCount {
  readonly allowed: boolean;
  /** Value of the `Remaining-Req` header. */
  readonly remaining: string;
}

/**
 * Counts calls per group and wall second. The limits are meant per second of market time, so an accelerated exchange
 * allows `speed` times as many. All clients share the counters: they come from one machine and one key.
 */
export function createRateLimit(speed: number, wallClock: () => number): (group: RateGroup) => RateCount {
  let second = 0;
  const used = new Map<RateGroup, number>();
  return (group) => {
    const thisSecond = Math.floor(wallClock() / 1_000);
    if (thisSecond !== second) {
      used.clear();
      second = thisSecond;
    }
    const limit = RATE_LIMITS[group] * speed;
    const calls = (used.get(group) ?? 0) + 1;
    used.set(group, calls);
    const left = Math.max(0, limit - calls);
    return { allowed: calls <= limit, remaining: `group=${group}; min=${limit * 60}; sec=${left}` };
  };
}
