import type { Market } from '../../config/market.ts';
import type { Candle } from '../../strategy/candle.ts';
import type { Chance } from './chance.ts';

export const MINUTE = 60_000;
/** Open of the first candle a run may decide on, market time. */
export const FIRST_CANDLE = Date.UTC(2025, 2, 1);
/** Candles before it, so that the strategies have something to look back on. */
const BEFORE = 25;

const PRICES: readonly [low: number, high: number][] = [
  [100_000_000, 101_000_000],
  [5_000_000, 5_050_000],
  [200_000, 202_000],
];

/** A market that mostly jumps between two prices, because then the strategies order at nearly every candle. */
export interface SimulatedMarket {
  /** The candle `n` after the first one; before it where `n` is negative. Undefined for a minute without trades. */
  candle(n: number): Candle | undefined;
  /** Close of the newest candle with trades up to `n`. */
  close(n: number): string;
}

export function simulatedMarket(market: Market, place: number, chance: Chance): SimulatedMarket {
  const [low, high] = PRICES[place % PRICES.length] ?? [1_000, 1_010];
  const closes = new Map<number, number>();
  const closeAt = (n: number): number => {
    if (n < -BEFORE) return low;
    const known = closes.get(n);
    if (known !== undefined) return known;
    const before = closeAt(n - 1);
    const jumps = n < 0 || chance.of(`${market} jumps at ${n}`) < 0.96;
    const close = jumps ? (before === low ? high : low) : before;
    closes.set(n, close);
    return close;
  };
  const isIdle = (n: number) => n >= 0 && chance.of(`${market} has no trade at ${n}`) < 0.01;
  return {
    candle(n) {
      if (n < -BEFORE || isIdle(n)) return undefined;
      const [open, close] = [closeAt(n - 1), closeAt(n)];
      return {
        ts: FIRST_CANDLE + n * MINUTE,
        open: String(open),
        high: String(Math.max(open, close)),
        low: String(Math.min(open, close)),
        close: String(close),
        volume: '5',
        quoteVolume: String(5 * close),
      };
    },
    close: (n) => String(closeAt(n)),
  };
}

export function candlesBefore(market: SimulatedMarket): Candle[] {
  return Array.from({ length: BEFORE }, (_, index) => market.candle(index - BEFORE)).flatMap((candle) => candle ?? []);
}
