import type { LedgerEvent } from '../events.ts';
import type { Decimal } from '../exact.ts';
import { fillEvent } from '../fill-event.ts';
import { type Order, remainingVolume } from '../order.ts';

/**
 * Executes `volume` coins of an order that rests, at its own limit: never better, whoever rests is paid what they
 * asked. It is done when nothing is left. At most one execution of an order can be decided before it is applied.
 */
export function fillResting(order: Order, volume: Decimal, at: number): LedgerEvent[] {
  if (order.price === undefined) throw new Error(`order ${order.uuid} rests without a price`);
  const take = { price: order.price, volume };
  const fill = fillEvent(order.uuid, order.fills.length, take, { at, feeRate: order.feeRate });
  const isWhole = remainingVolume(order)?.eq(volume) === true;
  return isWhole ? [fill, { type: 'ended', order: order.uuid, state: 'done', at }] : [fill];
}
