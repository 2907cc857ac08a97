import { setImmediate } from 'node:timers/promises';
import { larger, smaller } from '../../numbers/scaled.ts';
import { type CandleSource, DAY_MS, HOUR_MS, MINUTE_MS } from './minute-candle.ts';
import { type SeenCandle, visibleMinutes } from './visible.ts';

/** Candles as they look at `now`, newest first, those that start before `to` (both epoch ms of market time). */
type Seen = (now: number, to: number) => Iterable<SeenCandle>;

/**
 * A market's minutes, and the hours and days they add up to. What has no trade is left out.
 *
 * An hour or day that can no longer change is added up once: a ticker of a market that is a year old looks at the
 * 120 minutes around now and a day ago, and at sums for the rest.
 */
export interface History {
  readonly source: CandleSource;
  readonly minutes: Seen;
  readonly hours: Seen;
  readonly days: Seen;
  /**
   * Adds up the days there have been, and lets others run in between: a year of simulated minutes, never asked for
   * before, takes 1.5 s. Without it the first look at them would be one long pause of the whole exchange.
   */
  prepare(now: number): Promise<void>;
}

/** Settled hours kept, half a year: of what is older one asks for days. */
const KEPT_HOURS = 4_096;

/** The start of the first minute. */
function beginOf(source: CandleSource): number {
  return (source.closedCountReachedAt(1) ?? Number.POSITIVE_INFINITY) - MINUTE_MS;
}

export function createHistory(source: CandleSource): History {
  const minutes: Seen = (now, to) => visibleMinutes(source, now, to);
  const sumOf =
    (parts: Seen, lengthMs: number): SlotAt =>
    (start, now) =>
      joined(start, from(start, parts(now, start + lengthMs)));
  const hours = slotsOf(source, HOUR_MS, settledOnce(source, HOUR_MS, sumOf(minutes, HOUR_MS), KEPT_HOURS));
  const dayAt = settledOnce(source, DAY_MS, sumOf(hours, DAY_MS));
  let prepared = slotOf(beginOf(source), DAY_MS);

  return {
    source,
    minutes,
    hours,
    days: slotsOf(source, DAY_MS, dayAt),
    async prepare(now) {
      while (prepared + DAY_MS + source.settlesAfterMs <= now) {
        dayAt(prepared, now);
        prepared += DAY_MS;
        await setImmediate();
      }
    },
  };
}

/** The candle that starts at `start` out of its parts, newest first; undefined when nothing traded. */
export function joined(start: number, parts: Iterable<SeenCandle>): SeenCandle | undefined {
  let whole: SeenCandle | undefined;
  for (const part of parts) whole = whole === undefined ? { ...part, start } : withEarlier(whole, part);
  return whole;
}

function withEarlier(whole: SeenCandle, part: SeenCandle): SeenCandle {
  return {
    start: whole.start,
    open: part.open,
    high: larger(part.high, whole.high),
    low: smaller(part.low, whole.low),
    close: whole.close,
    volume: whole.volume + part.volume,
    value: whole.value + part.value,
    lastTradeAt: whole.lastTradeAt,
  };
}

/** Those of `candles`, newest first, that do not start before `start`. */
function* from(start: number, candles: Iterable<SeenCandle>): Iterable<SeenCandle> {
  for (const candle of candles) {
    if (candle.start < start) return;
    yield candle;
  }
}

type SlotAt = (start: number, now: number) => SeenCandle | undefined;

/**
 * Asks `build` for a slot until it can no longer change, and keeps what it said then; of `most` slots, those kept
 * longest go first. Who asks as of an earlier moment is not shown what came after it.
 */
function settledOnce(source: CandleSource, lengthMs: number, build: SlotAt, most = Number.POSITIVE_INFINITY): SlotAt {
  const settled = new Map<number, SeenCandle | undefined>();
  return (start, now) => {
    if (start + lengthMs + source.settlesAfterMs > now) return build(start, now);
    if (settled.has(start)) return settled.get(start);
    const slot = build(start, now);
    if (settled.size >= most) settled.delete(settled.keys().next().value ?? start);
    settled.set(start, slot);
    return slot;
  };
}

/** The slots between the first and the last minute of a source. */
function slotsOf(source: CandleSource, lengthMs: number, slotAt: SlotAt): Seen {
  const begin = beginOf(source);
  return function* (now, to) {
    for (
      let start = slotOf(Math.min(to - 1, now, source.end - 1), lengthMs);
      start + lengthMs > begin;
      start -= lengthMs
    ) {
      const slot = slotAt(start, now);
      if (slot !== undefined) yield slot;
    }
  };
}

function slotOf(instant: number, lengthMs: number): number {
  return Math.floor(instant / lengthMs) * lengthMs;
}
