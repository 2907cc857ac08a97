import { larger, smaller } from '../../numbers/scaled.ts';
import { type CandleSource, MINUTE_MS, type MinuteCandle } from './minute-candle.ts';
import { minutePath, PATH_LENGTH_MS } from './minute-path.ts';

/** A candle as it looks at some instant, with the instant of its last trade (epoch ms of market time). */
export interface SeenCandle extends MinuteCandle {
  readonly lastTradeAt: number;
}

/** Minutes of a source as seen at market time `now`, newest first, starting before `to`: the forming one as far as it got. */
export function* visibleMinutes(source: CandleSource, now: number, to: number): Iterable<SeenCandle> {
  for (const candle of source.before(Math.min(to, now + 1))) {
    const seen = seenAt(candle, now);
    if (seen !== undefined) yield seen;
  }
}

/** The price of the last trade at or before `now`, in feed units; undefined before the first trade ever. */
export function lastPrice(source: CandleSource, now: number): bigint | undefined {
  for (const candle of visibleMinutes(source, now, Number.POSITIVE_INFINITY)) return candle.close;
  return undefined;
}

function seenAt(candle: MinuteCandle, now: number): SeenCandle | undefined {
  const complete = candle.start + PATH_LENGTH_MS;
  if (now >= complete) return { ...candle, lastTradeAt: complete };
  const [first, ...rest] = minutePath(candle, now);
  if (first === undefined) return undefined;
  const last = rest.at(-1) ?? first;
  const prices = [first, ...rest].map(({ price }) => price);
  const { start } = candle;
  return {
    start,
    open: first.price,
    high: prices.reduce(larger),
    low: prices.reduce(smaller),
    close: last.price,
    volume: last.volume,
    value: last.value,
    lastTradeAt: last.at,
  };
}

/** The start of the minute that holds `instant`. */
export function minuteStart(instant: number): number {
  return Math.floor(instant / MINUTE_MS) * MINUTE_MS;
}
