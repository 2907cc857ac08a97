import type { MarketClock } from '../market-clock.ts';

interface LiveClock extends MarketClock {
  /** A trade proves that the source's clock showed at least its instant. */
  hear(at: number): void;
}

/**
 * The source's time: its `Date` headers and trades, carried on between them. It is estimated from below and never goes
 * back. Without an answer it stands where it was left: no minute may pass that nobody at the source has counted.
 *
 * @param from epoch ms, what was served before
 * @param sourceTime what the source's clock shows, as far as is known
 */
export function createLiveClock(from: number, sourceTime: () => number | undefined): LiveClock {
  let served = from;
  const now = (): number => {
    served = Math.max(served, Math.floor(sourceTime() ?? served));
    return served;
  };
  return {
    now,
    hear(at) {
      served = Math.max(served, at);
    },
    renewAhead: () => {},
    stop: now,
  };
}
