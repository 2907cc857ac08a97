import type { NewFaultRule } from '../support/fault-control.ts';
import type { Place } from './gate.ts';

/** A step of an order's life at which everything may die. */
export interface Step {
  readonly name: string;
  /** The place in the trader's code; for some steps the order is at the exchange then, and `there` says when. */
  readonly at: Place;
  /** What the exchange is told to do, so that an order comes to this step. */
  readonly rules?: readonly NewFaultRule[];
  /** The step is over there: when this rule has struck. The place is then where the request leaves. */
  readonly there?: NewFaultRule;
  /** How long the order is held before, so that its time is over when it goes on; wall ms beyond its deadline. */
  readonly late?: boolean;
  /** The request before the step finds nobody to connect to, so that nothing of it leaves. */
  readonly unconnected?: boolean;
  /** The step ends a transaction: its commit can succeed and its answer be lost. */
  readonly commits?: boolean;
}

const POST = 'POST /v1/orders';
const DELETE = 'DELETE /v1/order';
/** Longer than a killed part takes to be noticed; shorter than anybody waits for an answer. */
const ANSWER_AFTER_MS = 1_500;

const lostOnItsWay: NewFaultRule = { kind: 'reset', when: 'before', endpoint: POST, next: 1 };
const answerLost: NewFaultRule = { kind: 'reset', when: 'after', endpoint: POST, next: 1 };
const refused: NewFaultRule = { kind: 'burned-identifier', endpoint: POST, next: 1 };
const tooMany: NewFaultRule = { kind: 'http-429', endpoint: POST, next: 1 };
/** After an order's deadline, and before the end of the time that the bot leaves it to arrive. */
const arrivesLate: NewFaultRule = {
  kind: 'accept-late',
  delay_ms: 5_000,
  connection: 'closed',
  endpoint: POST,
  next: 80,
};
/** More often than anybody tries before an order's deadline. */
const neverArrives: NewFaultRule = { kind: 'reset', when: 'before', endpoint: POST, next: 60 };

/** Every step of an order's life, in its order; docs/exactly-once.md says what happens when it is interrupted there. */
export const STEPS: readonly Step[] = [
  { name: 'before the decision', at: { when: 'before', of: 'decideOnce' } },
  { name: 'order written, decision not committed', at: { when: 'after', of: 'insertIntendedOrder' } },
  { name: 'decision and order committed', at: { when: 'after', of: 'decideOnce', detail: 'order' }, commits: true },

  { name: 'before sending is committed', at: { when: 'before', of: 'beginSending' } },
  { name: 'sending written, not committed', at: { when: 'after', of: 'moveOrder', detail: 'sending' } },
  { name: 'sending committed', at: { when: 'after', of: 'beginSending', detail: 'send' }, commits: true },
  { name: 'before the request', at: { when: 'before', of: 'createOrder' } },
  {
    name: 'request arrived, not answered',
    at: { when: 'before', of: 'createOrder' },
    there: { kind: 'delay', when: 'after', delay_ms: ANSWER_AFTER_MS, endpoint: POST, next: 1 },
  },
  {
    name: 'request lost on its way',
    at: { when: 'after', of: 'createOrder', detail: 'AmbiguousSubmission' },
    rules: [lostOnItsWay],
  },
  { name: 'answer lost', at: { when: 'after', of: 'createOrder', detail: 'AmbiguousSubmission' }, rules: [answerLost] },
  {
    name: 'request never left, not recorded',
    at: { when: 'after', of: 'createOrder', detail: 'NotSent' },
    unconnected: true,
  },
  {
    name: 'return to intended written, not committed',
    at: { when: 'after', of: 'moveOrder', detail: 'intended' },
    unconnected: true,
  },
  {
    name: 'return to intended committed',
    at: { when: 'after', of: 'recordNotSent', detail: 'intended' },
    unconnected: true,
    commits: true,
  },
  { name: 'answered, not recorded', at: { when: 'after', of: 'createOrder', detail: 'accepted' } },
  {
    name: 'acceptance written, not committed',
    at: { when: 'after', of: 'moveOrder', within: 'placeOrder', detail: 'open' },
  },
  { name: 'acceptance committed', at: { when: 'after', of: 'recordAccepted', within: 'placeOrder' }, commits: true },

  {
    name: 'refused, not recorded',
    at: { when: 'after', of: 'createOrder', detail: 'OrderRejected' },
    rules: [refused],
  },
  {
    name: 'refusal written, not committed',
    at: { when: 'after', of: 'settleOrder', detail: 'rejected' },
    rules: [refused],
  },
  { name: 'refusal committed', at: { when: 'after', of: 'recordRefusal' }, rules: [refused], commits: true },

  {
    name: 'before the look-up of a lost answer',
    at: { when: 'before', of: 'fetchOrder', within: 'placeOrder' },
    rules: [answerLost],
  },
  {
    name: 'found by the look-up, not recorded',
    at: { when: 'after', of: 'fetchOrder', within: 'placeOrder', detail: 'done' },
    rules: [answerLost],
  },
  { name: 'not found, before it is sent again', at: { when: 'before', of: 'renewSending' }, rules: [lostOnItsWay] },
  {
    name: 'sending again committed',
    at: { when: 'after', of: 'renewSending', detail: 'send' },
    rules: [lostOnItsWay],
    commits: true,
  },

  { name: 'before fills are asked for', at: { when: 'before', of: 'pollOnce' } },
  { name: 'fills seen, not booked', at: { when: 'after', of: 'fetchOrder', within: 'pollOnce', detail: 'done' } },
  { name: 'fills written, not committed', at: { when: 'after', of: 'bookFills', detail: 'fills' } },
  { name: 'end written, not committed', at: { when: 'after', of: 'settleOrder', detail: 'filled' } },
  { name: 'fills and end committed', at: { when: 'after', of: 'recordFills', detail: 'filled' }, commits: true },

  { name: 'before the cancelling', at: { when: 'before', of: 'cancelOrder', notWithin: 'resolveOrder' } },
  {
    name: 'cancelled there, not answered',
    at: { when: 'before', of: 'cancelOrder' },
    there: { kind: 'delay', when: 'after', delay_ms: ANSWER_AFTER_MS, endpoint: DELETE, next: 1 },
  },
  { name: 'cancelled, not looked at', at: { when: 'after', of: 'cancelOrder' } },
  {
    name: 'end of a cancelled order written, not committed',
    at: { when: 'after', of: 'settleOrder', detail: 'canceled' },
  },

  { name: 'never sent, before it is given up', at: { when: 'before', of: 'placeOrder' }, late: true },
  { name: 'expiry written, not committed', at: { when: 'after', of: 'settleOrder', detail: 'expired' }, late: true },

  { name: 'resolving, before the look-up', at: { when: 'before', of: 'resolveOrder' }, rules: [neverArrives] },
  { name: 'resolving, not found', at: { when: 'before', of: 'giveUpSending' }, rules: [neverArrives] },
  {
    name: 'unknown written, not committed',
    at: { when: 'after', of: 'moveOrder', detail: 'unknown' },
    rules: [neverArrives],
  },
  {
    name: 'unknown committed',
    at: { when: 'after', of: 'giveUpSending', detail: 'unknown' },
    rules: [neverArrives],
    commits: true,
  },
  {
    name: 'on its way longer than its time, not found yet',
    at: { when: 'before', of: 'giveUpSending' },
    rules: [arrivesLate],
  },
  { name: 'told to slow down', at: { when: 'after', of: 'createOrder' }, rules: [tooMany] },

  { name: 'reconciling, before orders are settled', at: { when: 'before', of: 'settleOrders' } },
  { name: 'reconciling, orders settled', at: { when: 'after', of: 'settleOrders' } },
  { name: 'reconciling, before candles are written off', at: { when: 'before', of: 'writeStaleDecisions' } },
  { name: 'comparing, before the account is read', at: { when: 'before', of: 'compareAccount' } },
  { name: 'comparing, account read', at: { when: 'before', of: 'recordComparison' } },
  { name: 'comparing, difference committed', at: { when: 'after', of: 'recordComparison' }, commits: true },
];
