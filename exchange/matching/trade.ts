import type { Market } from '../../config/market.ts';
import type { LedgerEvent } from './events.ts';
import type { Decimal } from './exact.ts';
import { fillEvent } from './fill-event.ts';
import type { Ledger } from './ledger.ts';
import { crosses } from './liquidity.ts';
import { type Order, remainingVolume } from './order.ts';

/** One print of the market: a price in KRW at an instant of market time (epoch ms). */
export interface MarketTrade {
  readonly market: Market;
  readonly at: number;
  readonly price: Decimal;
}

/**
 * What a trade in the market does to resting orders: each limit it touches or passes fills whole, at its own limit
 * price (never better: whoever rests is paid what they asked). Best price first, then the older order.
 */
export function matchTrade(ledger: Ledger, trade: MarketTrade): LedgerEvent[] {
  const touched = [...(ledger.open.get(trade.market)?.values() ?? [])].filter(
    (order) =>
      order.createdAt < trade.at && order.price !== undefined && crosses(order.request.side, order.price, trade.price),
  );
  return touched.sort(byPriority).flatMap((order) => fillAtLimit(order, trade.at));
}

function fillAtLimit(order: Order, at: number): LedgerEvent[] {
  const volume = remainingVolume(order);
  if (order.price === undefined || volume === undefined) return [];
  const terms = { at, feeRate: order.feeRate };
  return [
    fillEvent(order.uuid, order.fills.length, { price: order.price, volume }, terms),
    { type: 'ended', order: order.uuid, state: 'done', at },
  ];
}

function byPriority(a: Order, b: Order): number {
  if (a.request.side !== b.request.side || a.price === undefined || b.price === undefined) {
    return a.sequence - b.sequence;
  }
  const dearerFirst = b.price.comparedTo(a.price);
  return (a.request.side === 'bid' ? dearerFirst : -dearerFirst) || a.sequence - b.sequence;
}
