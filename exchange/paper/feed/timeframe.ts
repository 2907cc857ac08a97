import { type History, joined } from './history.ts';
import { DAY_MS, MINUTE_MS } from './minute-candle.ts';
import type { SeenCandle } from './visible.ts';

/** Lengths, in minutes, of the candles Upbit builds from minutes. */
export const MINUTE_UNITS = [1, 3, 5, 10, 15, 30, 60, 240] as const;

/** How minutes are put together to candles. All times are epoch ms of market time. */
export interface Timeframe {
  /** What it is added up from. */
  readonly parts: 'minutes' | 'hours' | 'days';
  /** The start of the slot that holds an instant. */
  slotOf(instant: number): number;
  /** The end of the slot that starts there. */
  endOf(start: number): number;
}

export const DAYS = everySoLong(DAY_MS, 'days');
/** 1970-01-05, the first Monday of the epoch. */
const FIRST_MONDAY = 4 * DAY_MS;
export const WEEKS = everySoLong(7 * DAY_MS, 'days', FIRST_MONDAY);
export const MONTHS = everySoManyMonths(1);
export const YEARS = everySoManyMonths(12);

export function minutesOf(unit: (typeof MINUTE_UNITS)[number]): Timeframe {
  return everySoLong(unit * MINUTE_MS, unit % 60 === 0 ? 'hours' : 'minutes');
}

/** Up to `count` candles, newest first, as seen at `now`, that start before `to`. A slot without trades has no candle. */
export function candlesBefore(
  history: History,
  timeframe: Timeframe,
  count: number,
  now: number,
  to: number,
): SeenCandle[] {
  const { slotOf, endOf } = timeframe;
  // A slot that starts before `to` is shown whole, what is after `to` included.
  const end = to > now ? to : endOf(slotOf(to - 1));

  const candles: SeenCandle[] = [];
  let slot: SeenCandle[] = [];
  const close = (): void => {
    const [newest] = slot;
    const candle = newest && joined(slotOf(newest.start), slot);
    if (candle !== undefined) candles.push(candle);
    slot = [];
  };
  for (const part of history[timeframe.parts](now, end)) {
    const [newest] = slot;
    if (newest !== undefined && slotOf(newest.start) !== slotOf(part.start)) close();
    if (candles.length === count) return candles;
    slot.push(part);
  }
  close();
  return candles;
}

function everySoLong(lengthMs: number, parts: Timeframe['parts'], first = 0): Timeframe {
  return {
    parts,
    slotOf: (instant) => Math.floor((instant - first) / lengthMs) * lengthMs + first,
    endOf: (start) => start + lengthMs,
  };
}

function everySoManyMonths(months: number): Timeframe {
  const slotAfter = (instant: number, slots: number): number => {
    const date = new Date(instant);
    const month = Math.floor(date.getUTCMonth() / months) * months;
    return Date.UTC(date.getUTCFullYear(), month + slots * months);
  };
  return { parts: 'days', slotOf: (instant) => slotAfter(instant, 0), endOf: (start) => slotAfter(start, 1) };
}
