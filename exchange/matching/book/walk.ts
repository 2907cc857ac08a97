import { buysByTotal } from '../check-order.ts';
import { type Decimal, Exact } from '../exact.ts';
import type { OrderRequest } from '../order.ts';
import { type Take, takeFunds, takeVolume } from '../take.ts';
import type { Slot } from './queue.ts';
import type { SelfMatch } from './self-match.ts';

/** What an arriving order does at one slot, with so many coins. */
export interface Step {
  /** `cancel`: our resting order goes, whole. `reduce`: both are less by so much and nothing is traded. */
  readonly kind: 'trade' | 'cancel' | 'reduce';
  readonly slot: Slot;
  readonly volume: Decimal;
}

interface Walk {
  readonly steps: readonly Step[];
  /** What of the order is left: coins, or KRW for one placed by total. */
  readonly rest: Decimal;
  /** It met an order of ours and has to go. */
  readonly stopped: boolean;
  /** All of it was traded; of a total, all but less than 0.00000001 coin costs. */
  readonly filled: boolean;
}

/** Walks the slots in their order with an order's volume or total, none worse than its limit. Changes nothing. */
export function walk(slots: Iterable<Slot>, request: OrderRequest, selfMatch: SelfMatch): Walk {
  const byTotal = buysByTotal(request);
  const take = takerOf(request);
  const steps: Step[] = [];
  let rest = new Exact((byTotal ? request.price : request.volume) ?? 0);
  let stopped = false;
  for (const slot of slots) {
    const [taken] = take(slot, rest);
    if (taken === undefined) break;
    const meets = slot.own === undefined ? 'none' : selfMatch;
    if (meets === 'cancel_taker') {
      stopped = true;
      break;
    }
    if (meets === 'cancel_maker') {
      steps.push({ kind: 'cancel', slot, volume: slot.volume });
      continue;
    }
    steps.push({ kind: meets === 'reduce' ? 'reduce' : 'trade', slot, volume: taken.volume });
    rest = rest.minus(byTotal ? taken.price.times(taken.volume) : taken.volume);
    if (rest.isZero()) break;
  }
  const untouched = !stopped && steps.every(({ kind }) => kind !== 'reduce');
  return { steps, rest, stopped, filled: untouched && (rest.isZero() || (byTotal && isSpent(steps, rest))) };
}

/** What an order takes from a slot when so much of it (coins or KRW) is left: one take or none. */
function takerOf(request: OrderRequest): (slot: Slot, rest: Decimal) => Take[] {
  if (buysByTotal(request)) return (slot, rest) => takeFunds([slot], rest);
  const limit = request.type === 'limit' ? new Exact(request.price ?? 0) : undefined;
  return (slot, rest) => takeVolume([slot], request.side, rest, limit);
}

/** Whether the KRW left buy no further 0.00000001 coin where the last ones were bought. */
function isSpent(steps: readonly Step[], rest: Decimal): boolean {
  const last = steps.findLast(({ kind }) => kind === 'trade');
  return last !== undefined && rest.lt(last.slot.price.times('0.00000001'));
}
