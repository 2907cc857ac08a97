import { earliestStartMs } from '../../config/lead.ts';
import { timeframeMs } from '../../config/timeframe.ts';
import { candleExists } from '../../db/candle-window.ts';
import { candleToDecide, decideUntil } from '../../strategy/trading-clock.ts';
import { stopIfCancelled } from '../pause.ts';
import {
  askTimeIfDoubtful,
  marketTime,
  type TimeAsking,
  type TradedMarket,
  type TradingDependencies,
} from './dependencies.ts';

type AwaitingDependencies = TimeAsking & Pick<TradingDependencies, 'db' | 'candles' | 'intervalMs' | 'leadMs'>;

/**
 * Waits until the candle this run is about is stored, told by the notification, else by looking again every fortieth
 * of an interval. A run that starts before the close looks once and waits for the close first: until then nothing is
 * stored, and looking all the same was one statement in six of the bot.
 *
 * @returns its open (market time); undefined when none is there to decide on within 0.4 of a candle after its close:
 *   the run came late, or the minute had no trade
 */
export async function awaitCandle(
  deps: AwaitingDependencies,
  { market, timeframe }: TradedMarket,
): Promise<number | undefined> {
  const { db, clock, candles, intervalMs, leadMs } = deps;
  await askTimeIfDoubtful(deps);
  const length = timeframeMs(timeframe);
  const pace = length / intervalMs;
  const candle = candleToDecide(marketTime(clock), { length, lead: earliestStartMs(leadMs) * pace });
  if (candle === undefined) return undefined;
  const pauseMs = Math.max(25, intervalMs / 40);
  for (;;) {
    await stopIfCancelled();
    // The machine may have slept while this waited.
    await askTimeIfDoubtful(deps);
    const now = marketTime(clock);
    const leftMs = (decideUntil(candle, length) - now) / pace;
    if (leftMs < 0) return undefined;
    if (await candleExists(db, market, timeframe, candle)) return candle;
    if (leftMs === 0) return undefined;
    const untilCloseMs = (candle + length - now) / pace;
    await candles.next(Math.min(Math.max(pauseMs, untilCloseMs), leftMs));
  }
}
