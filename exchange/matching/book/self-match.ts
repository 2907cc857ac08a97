import { buysByTotal } from '../check-order.ts';
import type { LedgerEvent } from '../events.ts';
import { type Decimal, Exact } from '../exact.ts';
import { type Order, type OrderRequest, remainingVolume } from '../order.ts';

/** What happens where two orders of one account meet; the arriving one's word counts (upbit.md §4). */
export type SelfMatch = 'cancel_maker' | 'cancel_taker' | 'reduce' | 'none';

/** What an order without `smp_type` means since 2026-11-09 (announced; before, it was `none`). */
const USUAL: SelfMatch = 'cancel_maker';

/** `request` has passed the check of its `smp_type`. A post_only without one can mean none alone: it goes with no other. */
export function selfMatchOf({ smpType, timeInForce }: OrderRequest): SelfMatch {
  return (smpType as SelfMatch | undefined) ?? (timeInForce === 'post_only' ? 'none' : USUAL);
}

/** What an order of ours looks like to prevention, arriving or resting. */
type Prevented = Pick<Order, 'uuid' | 'request' | 'feeRate'>;

/**
 * Takes `volume` coins off an order. What that frees: coins of an ask; of a bid its price (for one placed by total, the
 * price where they met) × volume × (1 + fee), the fee being part of `prevented_locked`.
 */
export function preventedCoins(order: Prevented, volume: Decimal, metAt: Decimal): LedgerEvent {
  const { side, price } = order.request;
  const perCoin = buysByTotal(order.request) ? metAt : new Exact(price ?? 0);
  const locked = side === 'ask' ? volume : withFee(perCoin.times(volume), order.feeRate);
  return { type: 'prevented', order: order.uuid, volume: volume.toFixed(), locked: locked.toFixed() };
}

/** Takes KRW off an order placed by total: no coins are named, as answers to such orders name none. */
export function preventedFunds(order: Prevented, funds: Decimal): LedgerEvent {
  return { type: 'prevented', order: order.uuid, volume: '0', locked: withFee(funds, order.feeRate).toFixed() };
}

/** The same for an order that rests; it ends when nothing is left of it. `at` is epoch ms of market time. */
export function preventedResting(order: Order, volume: Decimal, at: number): LedgerEvent[] {
  const prevented = preventedCoins(order, volume, order.price ?? new Exact(0));
  const isOver = remainingVolume(order)?.eq(volume) === true;
  return isOver ? [prevented, { type: 'ended', order: order.uuid, state: 'cancel', at }] : [prevented];
}

function withFee(funds: Decimal, feeRate: Decimal): Decimal {
  return funds.plus(funds.times(feeRate));
}
