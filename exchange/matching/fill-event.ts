import { deterministicUuid } from './deterministic-uuid.ts';
import type { LedgerEvent } from './events.ts';
import type { Decimal } from './exact.ts';
import type { Take } from './take.ts';

/**
 * The event of one execution. The trade's id is made of the order's id and the execution's place in that order, so it
 * does not depend on when or in what company the execution was noticed. fee = funds × rate, unrounded, as on Upbit.
 */
export function fillEvent(
  order: string,
  index: number,
  take: Take,
  terms: { readonly at: number; readonly feeRate: Decimal },
): LedgerEvent {
  const funds = take.price.times(take.volume);
  return {
    type: 'filled',
    order,
    uuid: deterministicUuid('trade', order, index),
    at: terms.at,
    price: take.price.toFixed(),
    volume: take.volume.toFixed(),
    funds: funds.toFixed(),
    fee: funds.times(terms.feeRate).toFixed(),
  };
}
