import type { CandleSource } from './minute-candle.ts';
import { larger, smaller } from './scaled.ts';
import { type SeenCandle, visibleMinutes } from './visible.ts';

/** Lengths, in minutes, of the candles Upbit builds from minutes. */
export const MINUTE_UNITS = [1, 3, 5, 10, 15, 30, 60, 240] as const;

/**
 * Up to `count` candles of `unit` minutes, newest first, as seen at `now`, that start before `to` (both epoch ms). A
 * slot without trades has no candle.
 */
export function candlesBefore(
  source: CandleSource,
  unit: number,
  count: number,
  now: number,
  to: number,
): SeenCandle[] {
  const length = unit * 60_000;
  const slotOf = (instant: number): number => Math.floor(instant / length) * length;
  // A slot that starts before `to` is shown whole, minutes after `to` included.
  const end = to > now ? to : slotOf(to - 1) + length;

  const candles: SeenCandle[] = [];
  let slot: SeenCandle | undefined;
  for (const minute of visibleMinutes(source, now, end)) {
    const start = slotOf(minute.start);
    if (slot !== undefined && slot.start === start) {
      slot = withEarlier(slot, minute);
      continue;
    }
    if (slot !== undefined) candles.push(slot);
    if (candles.length === count) return candles;
    slot = { ...minute, start };
  }
  if (slot !== undefined) candles.push(slot);
  return candles;
}

function withEarlier(slot: SeenCandle, minute: SeenCandle): SeenCandle {
  return {
    ...slot,
    open: minute.open,
    high: larger(minute.high, slot.high),
    low: smaller(minute.low, slot.low),
    volume: slot.volume + minute.volume,
    value: slot.value + minute.value,
  };
}
