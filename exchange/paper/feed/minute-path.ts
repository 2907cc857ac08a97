import { gridPrice } from '../../numbers/grid-price.ts';
import { larger, smaller } from '../../numbers/scaled.ts';
import type { MinuteCandle } from './minute-candle.ts';

/** One trade of the feed inside a minute; volume and value are those of the minute so far. */
interface PathStep {
  /** Epoch ms of market time. */
  readonly at: number;
  readonly price: bigint;
  readonly volume: bigint;
  readonly value: bigint;
}

/**
 * Twenty trades a minute, the first 1.5 s into it and one every 3 s: the forming candle is missing for a moment, as it
 * is on an exchange that waits for a trade, and is complete 1.5 s before the close.
 */
const STEPS = 20;
const FIRST_MS = 1_500;
const EVERY_MS = 3_000;
const CORNERS = [0, 6, 13, STEPS - 1] as const;

/** When the trades of a minute have all happened, in ms after its start. */
export const PATH_LENGTH_MS = FIRST_MS + (STEPS - 1) * EVERY_MS;

/** The same number for all instants between two neighbouring ones at which the feed may trade. */
export function tradingSlot(instant: number): number {
  return Math.floor((instant - FIRST_MS) / EVERY_MS);
}

/**
 * How the price gets from open to close: a rising minute visits its low first, any other its high, in straight legs
 * whose corners are the recorded prices. What lies between is on the tick grid and never outside low and high.
 */
export function minutePath(candle: MinuteCandle, until = Number.POSITIVE_INFINITY): PathStep[] {
  const { start, open, high, low, close } = candle;
  const corners = close > open ? [open, low, high, close] : [open, high, low, close];
  const steps: PathStep[] = [];
  for (let step = 0; step < STEPS; step += 1) {
    const at = start + FIRST_MS + step * EVERY_MS;
    if (at > until) break;
    const share = (whole: bigint): bigint => (whole * BigInt(step + 1)) / BigInt(STEPS);
    steps.push({
      at,
      price: larger(low, smaller(high, priceAt(step, corners))),
      volume: share(candle.volume),
      value: share(candle.value),
    });
  }
  return steps;
}

function priceAt(step: number, corners: readonly bigint[]): bigint {
  const leg = CORNERS.findLastIndex((corner) => corner <= step);
  const from = corners[leg] ?? 0n;
  const to = corners[leg + 1];
  const legStart = CORNERS[leg] ?? 0;
  const legEnd = CORNERS[leg + 1];
  if (to === undefined || legEnd === undefined || step === legStart) return from;
  return gridPrice(from + ((to - from) * BigInt(step - legStart)) / BigInt(legEnd - legStart));
}
