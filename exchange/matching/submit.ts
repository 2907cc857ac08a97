import { freeBalance } from './balances.ts';
import { buysByTotal, checkOrder } from './check-order.ts';
import { deterministicUuid } from './deterministic-uuid.ts';
import type { LedgerEvent } from './events.ts';
import { type Decimal, Exact } from './exact.ts';
import { fillEvent } from './fill-event.ts';
import { type Ledger, lockedCurrency } from './ledger.ts';
import { crosses, type Level, type Liquidity, oppositeOf } from './liquidity.ts';
import type { OrderRequest } from './order.ts';
import { type Rejection, rejection, sideRejection } from './rejection.ts';
import { type Take, takeFunds, takenFunds, takenVolume, takeVolume } from './take.ts';

const MAX_IDENTIFIER_LENGTH = 64;

/** What an order is told whose identifier was used before, by an order or by a refusal, however long ago. */
export const DUPLICATED_IDENTIFIER = rejection('duplicated_identifier', 'this identifier was used before');

/** What an order meets on arrival. */
interface Arrival {
  /** Epoch ms of market time. */
  readonly at: number;
  readonly liquidity: Liquidity;
  /** KRW of the last trade; values a market sell when the book is empty. */
  readonly lastPrice: Decimal;
  /** Fraction of the funds, for both sides. */
  readonly feeRate: Decimal;
  /** Goes into the ids of the order and its trades. */
  readonly seed: number;
}

export type Submission =
  | { readonly accepted: true; readonly uuid: string; readonly events: LedgerEvent[] }
  | { readonly accepted: false; readonly rejection: Rejection; readonly events: LedgerEvent[] };

/**
 * Decides what becomes of an order: nothing is changed, the events say what to apply. A refused order still burns its
 * identifier, as on Upbit; only an identifier that is itself at fault does not.
 */
export function submitOrder(ledger: Ledger, request: OrderRequest, arrival: Arrival): Submission {
  const unusable = checkIdentifier(ledger, request.identifier);
  if (unusable !== undefined) return { accepted: false, rejection: unusable, events: [] };

  const levels = oppositeOf(arrival.liquidity, request.side);
  const fault = checkOrder(request, levels[0]?.price ?? arrival.lastPrice) ?? checkFunds(ledger, request, arrival);
  if (fault !== undefined) {
    return { accepted: false, rejection: fault, events: burnIdentifier(request.identifier, arrival.at) };
  }

  const sequence = ledger.lastSequence + 1;
  const uuid = deterministicUuid('order', arrival.seed, sequence);
  const { locked, reservedFee } = reservation(request, arrival.feeRate);
  const accepted: LedgerEvent = {
    type: 'accepted',
    uuid,
    sequence,
    at: arrival.at,
    request,
    reservedFee: reservedFee.toFixed(),
    locked: locked.toFixed(),
    feeRate: arrival.feeRate.toFixed(),
  };
  return { accepted: true, uuid, events: [accepted, ...executeOnArrival(uuid, request, levels, arrival)] };
}

/** Whether an order may bear this identifier (undefined: it bears none). */
export function checkIdentifier(ledger: Ledger, identifier: string | undefined): Rejection | undefined {
  if (identifier === undefined) return undefined;
  if (identifier === '' || identifier.length > MAX_IDENTIFIER_LENGTH) {
    return rejection('invalid_parameter', `identifier must have 1 to ${MAX_IDENTIFIER_LENGTH} characters`);
  }
  return ledger.identifiers.has(identifier) ? DUPLICATED_IDENTIFIER : undefined;
}

/** Uses an identifier up for ever; it has passed {@link checkIdentifier}. `at` is epoch ms of market time. */
export function burnIdentifier(identifier: string | undefined, at: number): LedgerEvent[] {
  return identifier === undefined ? [] : [{ type: 'identifier-burned', identifier, at }];
}

/** KRW or coins an order locks: a bid its total and the fee on it, an ask its coins. */
function reservation(request: OrderRequest, feeRate: Decimal): { locked: Decimal; reservedFee: Decimal } {
  if (request.side === 'ask') return { locked: new Exact(request.volume ?? 0), reservedFee: new Exact(0) };
  const price = new Exact(request.price ?? 0);
  const total = buysByTotal(request) ? price : price.times(request.volume ?? 0);
  const reservedFee = total.times(feeRate);
  return { locked: total.plus(reservedFee), reservedFee };
}

function checkFunds(ledger: Ledger, request: OrderRequest, arrival: Arrival): Rejection | undefined {
  const currency = lockedCurrency({ request });
  if (freeBalance(ledger.balances, currency).gte(reservation(request, arrival.feeRate).locked)) return undefined;
  return sideRejection('insufficient_funds', request.side, `not enough ${currency}`);
}

function executeOnArrival(
  uuid: string,
  request: OrderRequest,
  levels: readonly Level[],
  arrival: Arrival,
): LedgerEvent[] {
  const best = levels[0];
  const limit = request.type === 'limit' ? new Exact(request.price ?? 0) : undefined;
  if (request.timeInForce === 'post_only') {
    const wouldTrade = best !== undefined && limit !== undefined && crosses(request.side, limit, best.price);
    return wouldTrade ? [{ type: 'ended', order: uuid, state: 'cancel', at: arrival.at }] : [];
  }

  // `best` trades at the best price alone; the others walk the levels.
  const reach = request.type === 'best' ? levels.slice(0, 1) : levels;
  const takes = buysByTotal(request)
    ? takeFunds(reach, new Exact(request.price ?? 0))
    : takeVolume(reach, request.side, new Exact(request.volume ?? 0), limit);
  const whole = isWhole(request, takes);
  // A total seldom divides exactly, so a fok by total is whole when the levels had enough to spend it on.
  if (request.timeInForce === 'fok' && !whole && !(buysByTotal(request) && spendsAll(request, takes))) {
    return [{ type: 'ended', order: uuid, state: 'cancel', at: arrival.at }];
  }
  const fills = takes.map((take, index) => fillEvent(uuid, index, take, arrival));
  if (whole) return [...fills, { type: 'ended', order: uuid, state: 'done', at: arrival.at }];
  const rests = request.type === 'limit' && request.timeInForce === undefined;
  return rests ? fills : [...fills, { type: 'ended', order: uuid, state: 'cancel', at: arrival.at }];
}

function isWhole(request: OrderRequest, takes: readonly Take[]): boolean {
  return buysByTotal(request) ? takenFunds(takes).eq(request.price ?? 0) : takenVolume(takes).eq(request.volume ?? 0);
}

function spendsAll(request: OrderRequest, takes: readonly Take[]): boolean {
  const last = takes.at(-1);
  if (last === undefined) return false;
  const rest = new Exact(request.price ?? 0).minus(takenFunds(takes));
  return rest.lt(last.price.times('0.00000001'));
}
