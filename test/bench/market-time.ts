import type { Market } from '../../config/market.ts';
import { timeframeMs } from '../../config/timeframe.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';

const MINUTE = timeframeMs('1m');

/** Tells the wall instant (epoch ms) at which the candle that opens at `ts` closes. */
export type CloseInstant = (ts: number) => number;

/** Learns the exchange's clock from one answer of it. */
export async function learnCloseInstants(exchange: {
  readonly url: string;
  readonly speed: number;
  readonly market: Market;
}): Promise<CloseInstant> {
  const { speed, market } = exchange;
  const asked = Date.now();
  const { exchangeClock } = await createUpbitClient({ baseUrl: exchange.url }).fetchMinuteCandles(market, { count: 1 });
  return closeInstants(exchangeClock, (asked + Date.now()) / 2, speed);
}

/**
 * The paper exchange's time is wall × speed plus a whole number of minutes, so that a rough reading of both clocks is
 * enough to know every close exactly: at speed 60 it may be wrong by half a second.
 */
export function closeInstants(marketTime: number, wallTime: number, speed: number): CloseInstant {
  const offset = Math.round((marketTime - wallTime * speed) / MINUTE) * MINUTE;
  return (ts) => (ts + MINUTE - offset) / speed;
}
