import type { Market } from '../../../config/market.ts';
import type { Print } from '../../matching/book/background.ts';
import { unitsOf } from '../../matching/book/units.ts';
import type { Order } from '../../matching/order.ts';
import type { OpenOrders } from '../tape.ts';
import { type CandleSource, MINUTE_MS, type MinuteCandle } from './minute-candle.ts';
import { tradingSlot } from './minute-path.ts';
import { minuteTrades } from './trades.ts';
import { minuteStart } from './visible.ts';

/**
 * The feed's trades after `from` up to `to` (epoch ms of market time) that can matter to a resting order, those
 * of one instant together, in order of time and then market. What comes out depends on market time alone, not on how
 * often anyone asks.
 *
 * Lazy: orders filled by an earlier trade are no longer looked at for a later minute.
 */
export function* restingTrades(
  open: OpenOrders,
  sources: ReadonlyMap<Market, CandleSource>,
  from: number,
  to: number,
): Iterable<Print[]> {
  // Most looks come between two trades. Asking 100 resting orders for their prices first was 31 % of the work of an order.
  if (tradingSlot(from) === tradingSlot(to)) return;
  for (let minute = minuteStart(from); minute <= to; minute += MINUTE_MS) {
    if (![...open.values()].some((orders) => orders.size > 0)) return;
    const instants = new Map<number, Print[]>();
    for (const [market, orders] of open) {
      if (orders.size === 0) continue;
      const candle = sources.get(market)?.at(minute);
      if (candle === undefined || !reaches(candle, orders.values())) continue;
      for (const trade of minuteTrades(candle, to)) {
        if (trade.at <= from) continue;
        const prints = instants.get(trade.at) ?? [];
        instants.set(trade.at, prints);
        prints.push({ market, ...trade });
      }
    }
    for (const at of [...instants.keys()].sort((a, b) => a - b)) {
      yield (instants.get(at) ?? []).sort((a, b) => (a.market < b.market ? -1 : 1));
    }
  }
}

/** Whether the minute's range touches any limit, so that most minutes need no path. */
function reaches(candle: MinuteCandle, orders: Iterable<Order>): boolean {
  for (const { price, request } of orders) {
    const limit = price === undefined ? undefined : unitsOf(price);
    if (limit !== undefined && (request.side === 'bid' ? candle.low <= limit : candle.high >= limit)) return true;
  }
  return false;
}
