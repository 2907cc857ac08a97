import type { Candle } from '../../strategy/candle.ts';

/** Length of the candles of these tests, in milliseconds. */
export const MINUTE = 60_000;

const START = Date.parse('2025-03-01T00:00:00Z');

/** The open of the n-th minute after a fixed start. */
export function minute(n: number): number {
  return START + n * MINUTE;
}

/** A plausible candle of the n-th minute; `changes` replaces what a test is about. */
export function candleAt(n: number, changes: Partial<Candle> = {}): Candle {
  const close = String(100_000 + n * 50);
  return {
    ts: minute(n),
    open: close,
    high: close,
    low: close,
    close,
    volume: '1.5',
    quoteVolume: String(150_000 + n * 75),
    ...changes,
  };
}
