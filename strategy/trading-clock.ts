import { candleOpen } from './candle.ts';

/** When a trading run acts, all in market milliseconds; derived from the candle's length and what a run is early by. */
export interface TradingTimes {
  /** Length of the candle. */
  readonly length: number;
  /** How much before the close a run may start; 0 where runs start at the close. */
  readonly lead: number;
}

/** Share of a candle after its close during which it may still be decided on; later it is `stale`. */
const DECIDE_WITHIN = 0.4;
/** Share of a candle after its close at which a resting order is cancelled at the latest. */
const ORDER_LIFE = 0.7;

/**
 * The open of the candle a run is about: the one that closes within the run's lead, else the one that has just closed.
 * Undefined when neither is there to decide on: the run came late.
 */
export function candleToDecide(now: number, { length, lead }: TradingTimes): number | undefined {
  const forming = candleOpen(now, length);
  if (forming + length - now <= lead) return forming;
  return now <= decideUntil(forming - length, length) ? forming - length : undefined;
}

/** Until when the candle that opens at `candle` may be decided on. */
export function decideUntil(candle: number, length: number): number {
  return candle + length + DECIDE_WITHIN * length;
}

/** Share of a candle that a run is over before the next one starts, so that the next is not skipped. */
const FREE_BEFORE_NEXT = 0.1;

/** Until when the run about a candle may wait for its order's end: a little before the run about the next one starts. */
export function settleBy(candle: number, { length, lead }: TradingTimes): number {
  return candle + 2 * length - lead - FREE_BEFORE_NEXT * length;
}

/**
 * Until when an order may be sent and rest.
 *
 * @param clearance market milliseconds kept free before the next run starts
 */
export function orderDeadline(candle: number, { length, lead }: TradingTimes, clearance: number): number {
  return candle + length + Math.min(ORDER_LIFE * length, length - lead - clearance);
}
