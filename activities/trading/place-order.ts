import { timeframeMs } from '../../config/timeframe.ts';
import { type MadeRequest, recordAccepted, recordNotSent, recordRefusal } from '../../db/order-outcomes.ts';
import { beginSending, renewSending } from '../../db/order-sending.ts';
import type { Order } from '../../db/orders.ts';
import { SENDING_WINDOW_MS } from '../../db/trading-state.ts';
import { AmbiguousSubmission, NotSent, OrderRejected } from '../../exchange/errors.ts';
import type { OrderRequest } from '../../exchange/port.ts';
import { askTimeIfDoubtful, marketTime, type TradingDependencies } from './dependencies.ts';

/** What placing an order stands on. */
type PlacingDependencies = Pick<TradingDependencies, 'db' | 'exchange' | 'clock' | 'intervalMs'>;

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
 * identical request again is safe: the exchange creates it once or refuses it. One refused so is only looked up from
 * then on. One of which nothing left is as it was before the attempt.
 *
 * @throws what `exchange/errors.ts` names when the outcome is uncertain: the next attempt looks it up
 */
export async function placeOrder(deps: PlacingDependencies, identifier: string): Promise<Placed> {
  await askTimeIfDoubtful(deps);
  const window = openWindow();
  const begun = await beginSending(deps.db, identifier, marketTime(deps.clock));
  switch (begun.kind) {
    case 'send':
      return send(deps, begun.order, { ...window, repeated: false });
    case 'maybe-sent':
      return (await lookUp(deps, identifier)) ?? sendAgain(deps, begun.order);
    case 'halted':
      return { kind: 'not-sent', reason: `trading is ${begun.state.state}` };
    case 'settled':
      return afterwards(begun.order);
  }
}

/** Finds the order at the exchange and records that it is there. Undefined when the exchange does not know it. */
async function lookUp({ db, exchange }: PlacingDependencies, identifier: string): Promise<Placed | undefined> {
  const found = await exchange.fetchOrder({ identifier });
  if (found === undefined) return undefined;
  await recordAccepted(db, identifier, found.exchangeOrderId);
  return { kind: 'open' };
}

async function sendAgain(deps: PlacingDependencies, { identifier, status_reason: refusal }: Order): Promise<Placed> {
  if (refusal !== null) return { kind: 'unresolved' };
  await askTimeIfDoubtful(deps);
  const window = openWindow();
  const renewed = await renewSending(deps.db, identifier, marketTime(deps.clock));
  switch (renewed.kind) {
    case 'send':
      return send(deps, renewed.order, { ...window, repeated: true });
    case 'too-late':
    case 'halted':
      return { kind: 'unresolved' };
    case 'settled':
      return afterwards(renewed.order);
  }
}

/**
 * When a request must have left, counted from before the commit that says it is sent: right after it, or not at all. A halt
 * counts on that, whatever the request had to wait for, and however long the process stood still or the machine slept.
 */
interface SendingWindow {
  /** Instant of the monotonic clock, which nobody sets. On Linux it stands still while the machine is suspended. */
  readonly startBy: number;
  /** Instant of the wall clock, which does not. Set ahead just now it costs the attempt, and nothing of it leaves. */
  readonly startByWall: number;
}

function openWindow(): SendingWindow {
  return { startBy: performance.now() + SENDING_WINDOW_MS, startByWall: Date.now() + SENDING_WINDOW_MS };
}

interface Sending extends SendingWindow {
  /** Whether an earlier request for the same order may have arrived. */
  readonly repeated: boolean;
}

async function send(deps: PlacingDependencies, order: Order, sending: Sending): Promise<Placed> {
  // What the database hands out is what was stored with the decision, field for field.
  const body = order.request as unknown as OrderRequest;
  const { startBy, startByWall, repeated } = sending;
  const request = { identifier: order.identifier, repeated, sentAt: order.sending_at };
  try {
    const created = await deps.exchange.createOrder(body, Math.min(startBy, deadlineOf(deps, order)), startByWall);
    await recordAccepted(deps.db, order.identifier, created.exchangeOrderId);
    return { kind: 'open' };
  } catch (error) {
    if (error instanceof NotSent) await recordNotSent(deps.db, request);
    if (!(error instanceof OrderRejected)) throw error;
    return refused(deps, request, error.reason);
  }
}

/** The order's deadline as an instant of the monotonic clock: this process may have stood still since it was looked at. */
function deadlineOf({ clock, intervalMs }: PlacingDependencies, { deadline }: Order): number {
  const wallPerMarket = intervalMs / timeframeMs('1m');
  return performance.now() + (deadline.getTime() - marketTime(clock)) * wallPerMarket;
}

/**
 * A refusal is final only when this was the one request there ever was, and the exchange does not know the order. That of
 * a repeated one may be about the first: the exchange has it, and refuses its own repetition as a duplicate, or because the
 * first has locked the funds.
 */
async function refused(deps: PlacingDependencies, request: MadeRequest, reason: string): Promise<Placed> {
  const { identifier } = request;
  if (reason !== 'duplicated_identifier') {
    const there = request.repeated ? undefined : await lookUpRefused(deps, request, reason);
    if (there !== undefined) return there;
    const { rejected } = await recordRefusal(deps.db, { ...request, reason });
    if (rejected) return { kind: 'rejected', reason };
  }
  const found = await lookUp(deps, identifier);
  if (found === undefined) throw new AmbiguousSubmission(identifier, `refused (${reason}) and not found yet`);
  return found;
}

/**
 * `rejected` is for ever, and a ledger put back from an older copy, or promoted without its last commits, may call a
 * request the first that is not: the order is at the exchange, has locked the funds, and its repetition may be refused for
 * want of them. One that has been there for so long is shown, so one look tells.
 */
async function lookUpRefused(deps: PlacingDependencies, request: MadeRequest, reason: string) {
  try {
    return await lookUp(deps, request.identifier);
  } catch (error) {
    // Not known to be alone: noted, not sent again, and `rejected` only when look-ups have not found it.
    await recordRefusal(deps.db, { ...request, repeated: true, reason });
    throw error;
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
