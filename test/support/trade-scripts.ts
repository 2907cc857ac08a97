import { ApplicationFailure } from '@temporalio/common';
import type { OrderState } from '../../activities/trading/order-fills.ts';
import type { TradingActivities } from '../../activities/trading.ts';

/** What the steps of one TradeWorkflow run answer, and what the run must come to. */
export interface TradeScript {
  readonly name: string;
  readonly outcome: string;
  readonly steps: Partial<TradingActivities>;
  /** Steps the run must take, in this order; the look at what is unfinished and the balances come first and together. */
  readonly takes: readonly (keyof TradingActivities)[];
}

const CANDLE = Date.parse('2025-03-01T00:09:00Z');
const DEADLINE = CANDLE + 102_000;
const SETTLE_BY = CANDLE + 114_000;
const ORDER = 'testbot1-KRW-BTC-ss96io-entry';

const decided = (action: 'buy' | 'sell' | 'hold' | 'blocked' | 'stale', order: string | null) => ({
  decide: async () => ({
    kind: 'decided' as const,
    candle: CANDLE,
    action,
    reason: `because: ${action}`,
    order,
    deadline: DEADLINE,
    settleBy: SETTLE_BY,
  }),
});
const state = (changes: Partial<OrderState>): OrderState => ({
  ...{ identifier: ORDER, status: 'filled', side: 'bid', executedQuantity: '0.5', executed: true, final: true },
  ...changes,
});
const nothing = { executedQuantity: '0', executed: false };
const resting = state({ status: 'open', ...nothing, final: false });

/** Answers one after the other. */
function polls(...answers: OrderState[]) {
  return { pollOrderFills: async () => answers.shift() ?? resting };
}

/** Fails the first time, as a lost answer does. */
function placedAtSecondTry(): Partial<TradingActivities> {
  let tries = 0;
  return {
    placeOrder: async () => {
      tries += 1;
      if (tries === 1) throw ApplicationFailure.retryable('the answer was lost', 'AmbiguousSubmission');
      return { kind: 'open' };
    },
  };
}

/** An exchange that does not answer, however often it is asked. */
const silent = async () => {
  throw ApplicationFailure.nonRetryable('the exchange does not answer', 'ExchangeUnavailable');
};

const open = { placeOrder: async () => ({ kind: 'open' as const }) };
const cancels = { cancelOrder: async () => undefined };

/** One script for every outcome. Made anew at each call, because scripts count. */
export function tradeScripts(): readonly TradeScript[] {
  return [
    { name: 'held', outcome: 'held', steps: decided('hold', null), takes: ['decide'] },
    { name: 'no-money', outcome: 'held', steps: decided('buy', null), takes: ['decide'] },
    { name: 'stale', outcome: 'stale', steps: decided('stale', null), takes: ['decide'] },
    { name: 'blocked', outcome: 'blocked', steps: decided('blocked', null), takes: ['decide'] },
    {
      name: 'no-candle',
      outcome: 'no-candle',
      steps: { decide: async () => ({ kind: 'no-candle' }) },
      takes: ['decide'],
    },
    {
      name: 'bought',
      outcome: 'bought',
      steps: { ...decided('buy', ORDER), ...open, ...polls(state({})) },
      takes: ['decide', 'placeOrder', 'pollOrderFills'],
    },
    {
      name: 'bought-after-lost-answer',
      outcome: 'bought',
      steps: { ...decided('buy', ORDER), ...placedAtSecondTry(), ...polls(state({})) },
      takes: ['decide', 'placeOrder', 'placeOrder', 'pollOrderFills'],
    },
    {
      name: 'sold',
      outcome: 'sold',
      steps: { ...decided('sell', ORDER), ...open, ...polls(state({ side: 'ask' })) },
      takes: ['decide', 'placeOrder', 'pollOrderFills'],
    },
    {
      name: 'bought-in-part',
      outcome: 'bought',
      steps: { ...decided('buy', ORDER), ...open, ...cancels, ...polls(resting, state({ status: 'canceled' })) },
      takes: ['decide', 'placeOrder', 'pollOrderFills', 'cancelOrder', 'pollOrderFills'],
    },
    {
      name: 'not-filled',
      outcome: 'not-filled',
      steps: {
        ...{ ...decided('buy', ORDER), ...open, ...cancels },
        ...polls(resting, state({ status: 'canceled', ...nothing })),
      },
      takes: ['decide', 'placeOrder', 'pollOrderFills', 'cancelOrder', 'pollOrderFills'],
    },
    {
      name: 'rejected',
      outcome: 'rejected',
      steps: {
        ...decided('buy', ORDER),
        placeOrder: async () => ({ kind: 'rejected', reason: 'insufficient_funds_bid' }),
      },
      takes: ['decide', 'placeOrder'],
    },
    {
      name: 'not-sent',
      outcome: 'not-sent',
      steps: { ...decided('buy', ORDER), placeOrder: async () => ({ kind: 'not-sent', reason: 'trading is halted' }) },
      takes: ['decide', 'placeOrder'],
    },
    {
      name: 'unresolved',
      outcome: 'unresolved',
      steps: { ...decided('buy', ORDER), placeOrder: async () => ({ kind: 'unresolved' }) },
      takes: ['decide', 'placeOrder'],
    },
    {
      name: 'still-resting',
      outcome: 'unresolved',
      steps: { ...decided('buy', ORDER), ...open, ...cancels, ...polls(resting, resting) },
      takes: ['decide', 'placeOrder', 'pollOrderFills', 'cancelOrder', 'pollOrderFills'],
    },
    {
      name: 'sold-without-balances',
      outcome: 'sold',
      steps: {
        ...{ ...decided('sell', ORDER), ...open, ...polls(state({ side: 'ask' })) },
        ...{ fetchBalances: silent, resolveUnfinished: silent },
      },
      takes: ['decide', 'placeOrder', 'pollOrderFills'],
    },
    {
      name: 'held-after-settling',
      outcome: 'held',
      steps: { ...decided('hold', null), resolveUnfinished: async () => state({ status: 'canceled' }) },
      takes: ['fetchBalances', 'decide'],
    },
    {
      name: 'silent-while-placing',
      outcome: 'unresolved',
      steps: { ...decided('buy', ORDER), placeOrder: silent },
      takes: ['decide', 'placeOrder'],
    },
    {
      name: 'bought-though-cancel-failed',
      outcome: 'bought',
      steps: { ...decided('buy', ORDER), ...open, cancelOrder: silent, ...polls(resting, state({})) },
      takes: ['decide', 'placeOrder', 'pollOrderFills', 'cancelOrder', 'pollOrderFills'],
    },
    {
      name: 'silent-after-placing',
      outcome: 'unresolved',
      steps: { ...decided('buy', ORDER), ...open, pollOrderFills: silent, cancelOrder: silent },
      takes: ['decide', 'placeOrder', 'pollOrderFills', 'cancelOrder', 'pollOrderFills'],
    },
  ];
}
