import { selfMatchOf } from '../../matching/book/self-match.ts';
import type { Decimal } from '../../matching/exact.ts';
import { lockedByOrder, type Order, remainingFee, remainingVolume } from '../../matching/order.ts';
import { kstStamp } from './times.ts';

/** An order as Upbit shows it; what does not apply is left out. */
export function orderJson(order: Order): Record<string, unknown> {
  const { request } = order;
  return withoutUndefined({
    uuid: order.uuid,
    side: request.side,
    ord_type: request.type,
    price: text(order.price),
    state: order.state,
    market: request.market,
    created_at: kstStamp(order.createdAt),
    volume: text(order.volume),
    remaining_volume: text(remainingVolume(order)),
    executed_volume: text(order.executedVolume),
    reserved_fee: text(order.reservedFee),
    remaining_fee: text(remainingFee(order)),
    paid_fee: text(order.paidFee),
    locked: text(lockedByOrder(order)),
    prevented_volume: order.volume === undefined ? undefined : text(order.preventedVolume),
    prevented_locked: text(order.preventedLocked),
    trades_count: order.fills.length,
    time_in_force: request.timeInForce,
    identifier: request.identifier,
    // Always there since 2026-11-09, as announced: an order that said nothing shows what that meant.
    smp_type: selfMatchOf(request),
  });
}

/** The single-order answer: the order and its trades. Upbit names no fee per trade. */
export function orderWithTradesJson(order: Order): Record<string, unknown> {
  const trades = order.fills.map((fill) => ({
    market: order.request.market,
    uuid: fill.uuid,
    price: text(fill.price),
    volume: text(fill.volume),
    funds: text(fill.funds),
    trend: order.request.side === 'bid' ? 'up' : 'down',
    created_at: kstStamp(fill.at),
    side: order.request.side,
  }));
  return { ...orderJson(order), trades };
}

/** The order as it was when accepted, before it met the market: what creating it answers. */
export function acceptedOrderJson(order: Order): Record<string, unknown> {
  const zero = order.paidFee.minus(order.paidFee);
  return orderJson({
    ...order,
    state: 'wait',
    executedVolume: zero,
    executedFunds: zero,
    paidFee: zero,
    preventedVolume: zero,
    preventedLocked: zero,
    fills: [],
  });
}

function text(number: Decimal | undefined): string | undefined {
  return number?.toFixed();
}

function withoutUndefined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
