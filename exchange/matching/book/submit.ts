import { buysByTotal } from '../check-order.ts';
import { Exact } from '../exact.ts';
import type { Ledger } from '../ledger.ts';
import type { OrderRequest } from '../order.ts';
import { type Rejection, rejection } from '../rejection.ts';
import { burnIdentifier, type Submission, submitOrder } from '../submit.ts';
import { type BookArrival, execute, oppositeSide } from './execute.ts';
import { BOOK_LEVELS } from './parameters.ts';
import { bestPrices, type Slot, tradingQueue } from './queue.ts';
import { decimalOf } from './units.ts';

/**
 * Decides what becomes of an order in the book: nothing is changed, the events say what to apply. Rules for single
 * orders, funds and identifiers are those of {@link submitOrder}; a market order bigger than the best thirty prices of
 * the other side is refused after them.
 */
export function submitToBook(ledger: Ledger, request: OrderRequest, arrival: BookArrival): Submission {
  const { at, print, feeRate, parameters } = arrival;
  const slots = (): Iterable<Slot> => tradingQueue(ledger, print, oppositeSide(request.side), parameters);

  // What meets an empty book is decided but for its executions: the first event is the acceptance.
  const [best] = slots();
  const admission = submitOrder(ledger, request, {
    at,
    liquidity: { asks: [], bids: [] },
    lastPrice: best?.price ?? decimalOf(print.price),
    feeRate,
    seed: parameters.seed,
  });
  if (!admission.accepted) return admission;
  if (isMarketOrder(request) && !holds(slots(), request)) {
    return { accepted: false, rejection: tooBig(request), events: burnIdentifier(request.identifier, at) };
  }
  const { uuid, events } = admission;
  const executions = execute(ledger, { uuid, request, feeRate }, slots(), arrival);
  return { accepted: true, uuid, events: [...events.slice(0, 1), ...executions] };
}

function isMarketOrder({ type }: OrderRequest): boolean {
  return type === 'price' || type === 'market';
}

/** Whether the best thirty prices hold the order: a total against their worth, a quantity against their coins. */
function holds(slots: Iterable<Slot>, request: OrderRequest): boolean {
  let missing = new Exact((buysByTotal(request) ? request.price : request.volume) ?? 0);
  for (const { price, volume } of bestPrices(slots, BOOK_LEVELS)) {
    missing = missing.minus(buysByTotal(request) ? price.times(volume) : volume);
    if (missing.lte(0)) return true;
  }
  return false;
}

/** The changelog of 2025-05-07 says that it is refused, not by which name: the side's general one. */
function tooBig({ side }: OrderRequest): Rejection {
  return rejection(`create_${side}_error`, `the order is bigger than the best ${BOOK_LEVELS} prices together`);
}
