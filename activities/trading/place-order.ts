import { recordAccepted, recordRejected } from '../../db/order-outcomes.ts';
import { beginSending, renewSending } from '../../db/order-sending.ts';
import type { Order } from '../../db/orders.ts';
import { SENDING_WINDOW_MS } from '../../db/trading-state.ts';
import { AmbiguousSubmission, OrderRejected } from '../../exchange/errors.ts';
import type { OrderRequest } from '../../exchange/port.ts';
import { marketTime, type TradingDependencies } from './dependencies.ts';

/** Where an order stands after an attempt to place it. */
export type Placed =
  /** The exchange has it. */
  | { readonly kind: 'open' }
  | { readonly kind: 'rejected'; readonly reason: string }
  /** Not sent: too late, or trading is halted. */
  | { readonly kind: 'not-sent'; readonly reason: string }
  /** It may have been sent and is not found: its time is over, `resolveOrder` looks on. */
  | { readonly kind: 'unresolved' };

/**
 * One attempt, of as many as the retry policy allows. What may have been sent is looked up before anything is sent
 * again; `sending` is committed before the request starts; only a rejection by name is taken for one. Sending the
 * identical request again is safe: the exchange creates it once or refuses it as a duplicate.
 *
 * @throws what `exchange/errors.ts` names when the outcome is uncertain: the next attempt looks it up
 */
export async function placeOrder(deps: TradingDependencies, identifier: string): Promise<Placed> {
  const began = performance.now();
  const begun = await beginSending(deps.db, identifier, marketTime(deps.clock));
  switch (begun.kind) {
    case 'send':
      return send(deps, begun.order, began);
    case 'maybe-sent':
      return (await lookUp(deps, identifier)) ?? sendAgain(deps, identifier);
    case 'halted':
      return { kind: 'not-sent', reason: `trading is ${begun.state.state}` };
    case 'settled':
      return afterwards(begun.order);
  }
}

/** Finds the order at the exchange and records that it is there. Undefined when the exchange does not know it. */
async function lookUp({ db, exchange }: TradingDependencies, identifier: string): Promise<Placed | undefined> {
  const found = await exchange.fetchOrder({ identifier });
  if (found === undefined) return undefined;
  await recordAccepted(db, identifier, found.exchangeOrderId);
  return { kind: 'open' };
}

async function sendAgain(deps: TradingDependencies, identifier: string): Promise<Placed> {
  const began = performance.now();
  const renewed = await renewSending(deps.db, identifier, marketTime(deps.clock));
  switch (renewed.kind) {
    case 'send':
      return send(deps, renewed.order, began);
    case 'too-late':
    case 'halted':
      return { kind: 'unresolved' };
    case 'settled':
      return afterwards(renewed.order);
  }
}

/**
 * Sends once, right after the commit that says so, or not at all: a halt counts on that.
 *
 * @param began when the commit was begun, on the monotonic clock: a process that stood still since must not send
 */
async function send(deps: TradingDependencies, order: Order, began: number): Promise<Placed> {
  // What the database hands out is what was stored with the decision, field for field.
  const request = order.request as unknown as OrderRequest;
  if (performance.now() - began > SENDING_WINDOW_MS) {
    throw new AmbiguousSubmission(order.identifier, 'too long since the commit that it is sent; not sent this time');
  }
  try {
    const created = await deps.exchange.createOrder(request);
    await recordAccepted(deps.db, order.identifier, created.exchangeOrderId);
    return { kind: 'open' };
  } catch (error) {
    if (!(error instanceof OrderRejected)) throw error;
    if (error.reason !== 'duplicated_identifier') {
      await recordRejected(deps.db, order.identifier, error.reason);
      return { kind: 'rejected', reason: error.reason };
    }
    const found = await lookUp(deps, order.identifier);
    if (found === undefined)
      throw new AmbiguousSubmission(order.identifier, 'refused as a duplicate and not found yet');
    return found;
  }
}

/** An order that was settled, or accepted, before this attempt. */
function afterwards(order: Order): Placed {
  switch (order.status) {
    case 'open':
    case 'filled':
    case 'canceled':
      return { kind: 'open' };
    case 'rejected':
      return { kind: 'rejected', reason: order.status_reason ?? 'rejected' };
    case 'expired':
      return { kind: 'not-sent', reason: order.status_reason ?? 'its deadline is over' };
    default:
      return { kind: 'unresolved' };
  }
}
