import { buysByTotal } from '../check-order.ts';
import type { LedgerEvent } from '../events.ts';
import { type Decimal, Exact } from '../exact.ts';
import { fillEvent } from '../fill-event.ts';
import type { Ledger } from '../ledger.ts';
import { crosses } from '../liquidity.ts';
import type { OrderRequest, Side } from '../order.ts';
import { aheadOnArrival } from './ahead.ts';
import { backgroundSince, type Print } from './background.ts';
import { fillResting } from './fill-resting.ts';
import { BOOK_LEVELS, type BookParameters } from './parameters.ts';
import { passedEvents } from './passed.ts';
import { bestPrices, type Slot } from './queue.ts';
import { preventedCoins, preventedFunds, preventedResting, selfMatchOf } from './self-match.ts';
import { decimalOf, unitsOf } from './units.ts';
import { type Step, walk } from './walk.ts';

/** What an order meets on arrival. */
export interface BookArrival {
  /** Epoch ms of market time. */
  readonly at: number;
  /** The feed's last trade of the market, at or before `at`. */
  readonly print: Print;
  /** Fraction of the funds, for both sides. */
  readonly feeRate: Decimal;
  readonly parameters: BookParameters;
}

/** An order the exchange takes, before it meets the book. */
export interface Taker {
  readonly uuid: string;
  readonly request: OrderRequest;
  readonly feeRate: Decimal;
}

/** The executions of an accepted order, what they do to our other orders, and its end if it has come. */
export function execute(ledger: Ledger, taker: Taker, slots: Iterable<Slot>, arrival: BookArrival): LedgerEvent[] {
  const { request } = taker;
  const over = (state: 'done' | 'cancel'): LedgerEvent => ({ type: 'ended', order: taker.uuid, state, at: arrival.at });
  if (request.timeInForce === 'post_only') {
    return wouldTrade(request, slots) ? [over('cancel')] : queuedEvents(ledger, taker, arrival);
  }
  const walked = walk(withinReach(request, slots), request, selfMatchOf(request));
  const { steps, rest, filled, stopped } = walked;
  if (request.timeInForce === 'fok' && !filled) return [over('cancel')];

  const side = oppositeSide(request.side);
  const events = [...passedEvents(ledger, request.market, side, steps), ...stepEvents(taker, steps, arrival)];
  if (filled && rest.isZero()) return [...events, over('done')];
  if (stopped) {
    const prevented = buysByTotal(request)
      ? preventedFunds(taker, rest)
      : preventedCoins(taker, rest, new Exact(request.price ?? 0));
    return [...events, prevented, over('cancel')];
  }
  const rests = request.type === 'limit' && request.timeInForce === undefined && rest.gt(0);
  return rests ? [...events, ...queuedEvents(ledger, taker, arrival)] : [...events, over('cancel')];
}

export function oppositeSide(side: Side): Side {
  return side === 'bid' ? 'ask' : 'bid';
}

/** `best` trades at the best price alone, market orders within the levels shown, limits as far as their price. */
function withinReach({ type }: OrderRequest, slots: Iterable<Slot>): Iterable<Slot> {
  if (type === 'limit') return slots;
  return bestPrices(slots, type === 'best' ? 1 : BOOK_LEVELS);
}

/** An order of ours counts as anybody's: without `smp_type`, post_only means `none`. */
function wouldTrade({ side, price }: OrderRequest, slots: Iterable<Slot>): boolean {
  const [best] = slots;
  return best !== undefined && crosses(side, new Exact(price ?? 0), best.price);
}

function queuedEvents(ledger: Ledger, { uuid, request }: Taker, { print, parameters }: BookArrival): LedgerEvent[] {
  const berth = { side: request.side, price: unitsOf(new Exact(request.price ?? 0)) };
  const ahead = aheadOnArrival(ledger, print, berth, parameters);
  return ahead === 0n ? [] : [{ type: 'queued', order: uuid, ahead: decimalOf(ahead).toFixed() }];
}

function stepEvents(taker: Taker, steps: readonly Step[], { at, print }: BookArrival): LedgerEvent[] {
  let executions = 0;
  return steps.flatMap(({ kind, slot: { price, own }, volume }): LedgerEvent[] => {
    if (kind === 'cancel') return own === undefined ? [] : preventedResting(own.order, volume, at);
    if (kind === 'reduce') {
      const both = own === undefined ? [] : preventedResting(own.order, volume, at);
      return [preventedCoins(taker, volume, price), ...both];
    }
    const fill = fillEvent(taker.uuid, executions, { price, volume }, { at, feeRate: taker.feeRate });
    executions += 1;
    if (own !== undefined) return [fill, ...fillResting(own.order, volume, at)];
    const taken = { market: print.market, print: backgroundSince(print), side: oppositeSide(taker.request.side) };
    return [fill, { type: 'taken', ...taken, price: price.toFixed(), volume: volume.toFixed() }];
  });
}
