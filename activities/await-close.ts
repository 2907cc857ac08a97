import { earliestStartMs } from '../config/lead.ts';
import type { ExchangeClock } from '../exchange/exchange-clock.ts';
import { candleOpen } from '../strategy/candle.ts';
import type { MinuteListener } from './news/minute-news.ts';

export interface CandlePace {
  readonly clock: ExchangeClock;
  /** Wall milliseconds a candle takes. */
  readonly intervalMs: number;
  /** How much before the close runs start, wall milliseconds. */
  readonly leadMs: number;
}

/**
 * The close a run has come a little before, market time; undefined for a run that came at another time or cannot know.
 *
 * @param length of the candle, market milliseconds
 */
export function closeAhead({ clock, intervalMs, leadMs }: CandlePace, length: number): number | undefined {
  const now = clock.now();
  if (now === undefined) return undefined;
  const close = candleOpen(now, length) + length;
  return close - now <= (earliestStartMs(leadMs) * length) / intervalMs ? close : undefined;
}

/**
 * Returns when the exchange's clock shows `close`, or has told of a trade after it. The clock's estimate is not ahead of
 * the exchange unless that stood still since its last answer, so whoever asks afterwards asks after the close.
 *
 * @param length of the candle, market milliseconds
 */
export async function awaitClose(
  { clock, intervalMs }: CandlePace,
  { close, length }: { readonly close: number; readonly length: number },
  minutes: MinuteListener,
): Promise<void> {
  for (;;) {
    const leftMs = ((close - (clock.now() ?? close)) * intervalMs) / length;
    if (leftMs <= 0 || minutes.justClosed(close)) return;
    // A timer may end a millisecond early.
    await minutes.next(Math.max(1, leftMs));
  }
}
