import type { ExchangeOrder } from '../../exchange/port.ts';
import { sameAmount } from './amounts.ts';
import type { Findings } from './findings.ts';
import type { LedgerOrder } from './ledger-records.ts';
import { claimedLeg } from './leg-of-identifier.ts';

/** An order the bot placed, as both sides have it. */
export interface OrderPair {
  readonly there: ExchangeOrder;
  readonly here: LedgerOrder;
  /** On its way at this moment, and not for longer than makes sense: what differs is only not booked yet. */
  readonly onItsWay: boolean;
}

/** On its way as the ledger has it, however long: what the exchange knows already may not have been booked. */
export function isInFlight({ status }: Pick<LedgerOrder, 'status'>): boolean {
  return status === 'sending' || status === 'open';
}

/** What a run of ReconcileWorkflow mends; until then it is a fault all the same. */
const HEALS = 'the next reconcile run settles it (durabit trigger reconcile)';

/** What time it is for the account that is audited. */
export interface AuditTime {
  /** At the exchange, UTC epoch milliseconds of market time. */
  readonly market: number;
  /** UTC epoch milliseconds. */
  readonly wall: number;
}

/** One candle after its deadline, market time: by then the next run has looked after it. */
const RUN_AFTER_DEADLINE_MS = 60_000;
/** The longest that an answer, and what is done about its absence, takes; wall time. */
const SETTLED_AFTER_MS = 15_000;

/** Whether an order should long have come to its end: no run that works leaves one behind for so long. */
export function isOverdue({ status, deadline, started }: LedgerOrder, now: AuditTime): boolean {
  if (status !== 'intended' && status !== 'sending' && status !== 'open') return false;
  const late = now.market > deadline.getTime() + RUN_AFTER_DEADLINE_MS;
  return late && now.wall > started.getTime() + SETTLED_AFTER_MS;
}

/** Nothing may be on its way for longer than makes sense, whether the exchange knows of it or not. */
export function checkOverdue(orders: readonly LedgerOrder[], now: AuditTime, findings: Findings): void {
  for (const order of orders) {
    if (!isOverdue(order, now)) continue;
    const since = `since ${order.started.toISOString()}, its deadline ${order.deadline.toISOString()} is over`;
    findings.fault('order state', `${order.identifier} is "${order.status}" ${since}; ${HEALS}`);
  }
}

function hasEnded({ state }: ExchangeOrder): boolean {
  return state === 'done' || state === 'cancel';
}

/** @returns how many orders at the exchange are one too many for their market, candle and leg */
export function checkOneOrderPerLeg(ours: readonly ExchangeOrder[], findings: Findings): number {
  const byLeg = new Map<string, ExchangeOrder[]>();
  for (const order of ours) {
    const claimed = claimedLeg(order.identifier ?? '');
    if (claimed === undefined) {
      findings.fault('one order per leg', `${nameOf(order)} names no market, candle and leg`);
      continue;
    }
    if (claimed.market !== order.market) {
      findings.fault('one order per leg', `${nameOf(order)} was placed on ${order.market}`);
    }
    const leg = `${claimed.market} ${new Date(claimed.candle).toISOString()} ${claimed.leg}`;
    byLeg.set(leg, [...(byLeg.get(leg) ?? []), order]);
  }
  let surplus = 0;
  for (const [leg, orders] of byLeg) {
    if (orders.length < 2) continue;
    surplus += orders.length - 1;
    findings.fault('one order per leg', `${orders.length} orders for ${leg}: ${orders.map(nameOf).join(', ')}`);
  }
  return surplus;
}

/** Orders both sides know, and how many only one of them does. */
export function pairOrders(
  ours: readonly ExchangeOrder[],
  ledger: readonly LedgerOrder[],
  now: AuditTime,
  findings: Findings,
): { readonly pairs: readonly OrderPair[]; readonly lost: number } {
  const byIdentifier = new Map(ledger.map((order) => [order.identifier, order]));
  const there = new Set(ours.map((order) => order.exchangeOrderId));
  const pairs: OrderPair[] = [];
  let lost = 0;
  for (const order of ours) {
    const here = byIdentifier.get(order.identifier ?? '');
    if (here !== undefined) {
      pairs.push({ there: order, here, onItsWay: isInFlight(here) && !isOverdue(here, now) });
      continue;
    }
    lost += 1;
    findings.fault('order lost', `${nameOf(order)} is at the exchange and not in the ledger`);
  }
  for (const { identifier, exchange_order_id: id } of ledger) {
    if (id === null || there.has(id)) continue;
    lost += 1;
    findings.fault('order lost', `${identifier} (${id}) is in the ledger and not at the exchange`);
  }
  return { pairs, lost };
}

/** What was ordered is the same on both sides. */
export function checkTerms({ there, here, onItsWay }: OrderPair, findings: Findings): void {
  const name = here.identifier;
  if (here.exchange_order_id === null) {
    const why = `${name} is ${there.exchangeOrderId} at the exchange, in the ledger it has no id there`;
    findings.faultUnless(onItsWay, 'order differs', healing(here) ? `${why}; ${HEALS}` : why);
  } else if (here.exchange_order_id !== there.exchangeOrderId) {
    findings.fault('order differs', `${name} is ${there.exchangeOrderId} there and ${here.exchange_order_id} here`);
  }
  const differs = (what: string, at: string, ledger: string) =>
    findings.fault('order differs', `${name}: ${what} ${at} at the exchange, ${ledger} in the ledger`);
  if (there.market !== here.market) differs('market', there.market, here.market);
  if (there.side !== here.side) differs('side', there.side, here.side);
  // A market order has only one of the two.
  const limit = there.price !== undefined && there.volume !== undefined;
  if (limit && !sameAmount(there.price, here.price)) differs('price', there.price, here.price);
  if (there.volume !== undefined && !sameAmount(there.volume, here.quantity)) {
    differs('volume', there.volume, here.quantity);
  }
  const claimed = claimedLeg(name);
  if (claimed?.market !== here.market || claimed.leg !== here.leg) {
    findings.fault('order differs', `${name} is recorded as ${here.leg} of ${here.market}`);
  } else if (here.candle !== null && here.candle.getTime() !== claimed.candle) {
    findings.fault('order differs', `${name} was decided about the candle of ${here.candle.toISOString()}`);
  }
}

/** How the order stands, and what it executed and cost once both sides call it ended. */
export function checkState({ there, here, onItsWay }: OrderPair, findings: Findings): void {
  const name = here.identifier;
  const ended = hasEnded(there);
  if (isInFlight(here)) {
    if (ended) findings.faultUnless(onItsWay, 'order state', `${name} has ended, not booked yet`);
    return;
  }
  if (here.status !== 'filled' && here.status !== 'canceled') {
    const why = `${name} is "${here.status}" in the ledger and the exchange has it (${there.state})`;
    findings.fault('order state', healing(here) ? `${why}; ${HEALS}` : why);
    return;
  }
  if (!ended) {
    findings.fault('order state', `${name} is "${here.status}" in the ledger and still open at the exchange`);
    return;
  }
  if (!sameAmount(there.executedVolume, here.executed_quantity)) {
    const amounts = `${there.executedVolume} executed at the exchange, ${here.executed_quantity} in the ledger`;
    findings.fault('order differs', `${name}: ${amounts}`);
  }
  if ((here.status === 'filled') !== sameAmount(there.executedVolume, here.quantity)) {
    findings.fault('order state', `${name} is "${here.status}" with ${there.executedVolume} of ${here.quantity}`);
  }
  if (!sameAmount(there.paidFee, here.paid_fee)) {
    findings.fault('fee', `${name}: ${there.paidFee} KRW paid at the exchange, ${here.paid_fee} in the ledger`);
  }
}

/** Whether the ledger still looks for the order, so that finding it at the exchange mends what is said of it. */
export function healing({ status }: Pick<LedgerOrder, 'status'>): boolean {
  return status === 'unknown' || status === 'expired';
}

export function nameOf(order: ExchangeOrder): string {
  return `${order.identifier ?? 'an order without identifier'} (${order.exchangeOrderId})`;
}
