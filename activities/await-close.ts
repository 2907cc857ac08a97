import { setTimeout as sleep } from 'node:timers/promises';
import { earliestStartMs } from '../config/lead.ts';
import type { ExchangeClock } from '../exchange/exchange-clock.ts';
import { candleOpen } from '../strategy/candle.ts';

export interface CandlePace {
  readonly clock: ExchangeClock;
  /** Wall milliseconds a candle takes. */
  readonly intervalMs: number;
  /** How much before the close runs start, wall milliseconds. */
  readonly leadMs: number;
}

/**
 * Returns at once, or, in a run that has started a little before a close, when the exchange's clock shows the close.
 * The clock's estimate is never ahead of the exchange, so whoever asks it afterwards asks after the close.
 *
 * @param length of the candle, market milliseconds
 */
export async function awaitClose({ clock, intervalMs, leadMs }: CandlePace, length: number): Promise<void> {
  const pace = length / intervalMs;
  const now = clock.now();
  if (now === undefined) return;
  const close = candleOpen(now, length) + length;
  if (close - now > earliestStartMs(leadMs) * pace) return;
  for (;;) {
    const leftMs = (close - (clock.now() ?? close)) / pace;
    if (leftMs <= 0) return;
    // A timer may end a millisecond early.
    await sleep(Math.max(1, leftMs));
  }
}
