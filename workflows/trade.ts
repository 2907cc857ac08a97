import {
  ActivityFailure,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { TradingActivities } from '../activities/trading.ts';
import type { Market } from '../config/market.ts';
import type { Timeframe } from '../config/timeframe.ts';
import * as policies from './policies.ts';
import { candleTimeAttribute, outcomeAttribute } from './search-attributes.ts';

export interface TradeInput {
  readonly account: string;
  readonly market: Market;
  readonly timeframe: Timeframe;
  /** Wall milliseconds a candle takes. */
  readonly intervalMs: number;
}

/**
 * What came of a run: `bought`, `sold` (at least in part), `not-filled`, `held`, `blocked`, `stale`, `no-candle`,
 * `rejected`, `not-sent`, `unresolved`.
 */
export type TradeOutcome =
  | 'bought'
  | 'sold'
  | 'not-filled'
  | 'held'
  | 'blocked'
  | 'stale'
  | 'no-candle'
  | 'rejected'
  | 'not-sent'
  | 'unresolved';

export interface TradeResult {
  readonly outcome: TradeOutcome;
  /** Why, in one sentence. */
  readonly reason: string;
  readonly order?: string;
}

/** Decides about the candle that has just closed and brings the order that follows from it to its end. */
export async function TradeWorkflow(input: TradeInput): Promise<TradeResult> {
  const { account, market, timeframe } = input;
  const steps = activitiesFor(input);

  const exchangeFreeKrw = await prepare(steps, { account, market });
  const made = await steps.decide({ account, market, timeframe, exchangeFreeKrw });
  if (made.kind === 'no-candle') return tell(undefined, { outcome: 'no-candle', reason: 'no candle to decide on' });
  const { candle, order } = made;
  if (order === null) return tell(candle, withoutOrder(made));

  setCurrentDetails(`${made.reason}. Placing order ${order}.`);
  const placed = await unlessFailed(steps.placeOrder({ identifier: order }));
  if (placed?.kind !== 'open') return tell(candle, notPlaced(placed ?? { kind: 'unresolved' }, order));
  return tell(candle, await bringToItsEnd(steps, { ...made, order }));
}

/**
 * Before the candle closes: what an earlier run left open, and what there is to buy with, KRW. An exchange that does not
 * answer must not cost the decision: with nothing to buy with a sale is still possible, and while an order is
 * unfinished the decision is `blocked`.
 */
async function prepare(steps: Steps, traded: Pick<TradeInput, 'account' | 'market'>): Promise<string> {
  const [resolved, first] = await Promise.all([
    unlessFailed(steps.resolveUnfinished(traded)),
    unlessFailed(steps.fetchBalances()),
  ]);
  // What was settled just now may have freed money since the account was read.
  const balances = resolved?.final === true ? ((await unlessFailed(steps.fetchBalances())) ?? first) : first;
  return balances?.find(({ currency }) => currency === 'KRW')?.free ?? '0';
}

/** Undefined for a step that failed for good, after its retries. A cancelled run stays cancelled. */
async function unlessFailed<T>(step: Promise<T>): Promise<T | undefined> {
  try {
    return await step;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    log.warn(`went on without ${error.activityType}: ${error.cause?.message ?? error.message}`);
    return undefined;
  }
}

type Steps = ReturnType<typeof activitiesFor>;

function activitiesFor({ market, intervalMs }: TradeInput) {
  const proxy = (options: ReturnType<typeof policies.database>, summary: string) =>
    proxyActivities<TradingActivities>({ ...options, summary });
  return {
    ...pick(proxy(policies.beforeDeciding(intervalMs), `finish what ${market} has open`), 'resolveUnfinished'),
    ...pick(proxy(policies.beforeDeciding(intervalMs), 'what the account holds'), 'fetchBalances'),
    ...pick(proxy(policies.decision(intervalMs), `decide about the candle of ${market} that closes`), 'decide'),
    ...pick(proxy(policies.placeOrder(intervalMs), `send the order of ${market}`), 'placeOrder'),
    ...pick(proxy(policies.cancelOrder(intervalMs), `cancel what rests of ${market}`), 'cancelOrder'),
    ...pick(proxy(policies.pollFills(intervalMs), `book the fills of ${market}`), 'pollOrderFills'),
  };
}

function pick<T, K extends keyof T>(proxy: T, name: K): Pick<T, K> {
  return { [name]: proxy[name] } as Pick<T, K>;
}

interface OrderedDecision {
  readonly order: string;
  readonly reason: string;
  readonly deadline: number;
  readonly settleBy: number;
}

async function bringToItsEnd(steps: Steps, made: OrderedDecision): Promise<TradeResult> {
  const { order, reason, deadline, settleBy } = made;
  let state = await unlessFailed(steps.pollOrderFills({ identifier: order, until: deadline }));
  if (state?.final !== true) {
    // Whatever becomes of the cancelling, the look after it says how the order stands.
    await unlessFailed(steps.cancelOrder({ identifier: order }));
    state = (await unlessFailed(steps.pollOrderFills({ identifier: order, until: settleBy }))) ?? state;
  }
  if (state?.final !== true) {
    const standing = state === undefined ? 'the exchange does not answer' : `the order is still ${state.status}`;
    return { outcome: 'unresolved', reason: `${reason}; ${standing}`, order };
  }
  if (!state.executed) return { outcome: 'not-filled', reason, order };
  const done = state.side === 'bid' ? 'bought' : 'sold';
  return { outcome: done, reason: `${reason}; ${done} ${state.executedQuantity}`, order };
}

function withoutOrder(made: { readonly action: string; readonly reason: string }): TradeResult {
  if (made.action === 'blocked' || made.action === 'stale') return { outcome: made.action, reason: made.reason };
  return { outcome: 'held', reason: made.reason };
}

function notPlaced(
  placed: { readonly kind: 'rejected' | 'not-sent'; readonly reason: string } | { readonly kind: 'unresolved' },
  order: string,
): TradeResult {
  const reason = placed.kind === 'unresolved' ? 'the exchange has not said whether it has the order' : placed.reason;
  return { outcome: placed.kind, reason, order };
}

/** Makes the run readable in the Web UI without opening a payload. */
function tell(candle: number | undefined, result: TradeResult): TradeResult {
  upsertSearchAttributes([
    { key: outcomeAttribute, value: result.outcome },
    ...(candle === undefined ? [] : [{ key: candleTimeAttribute, value: new Date(candle) }]),
  ]);
  const order = result.order === undefined ? '' : ` Order ${result.order}.`;
  setCurrentDetails(`${result.outcome}: ${result.reason}.${order}`);
  return result;
}
