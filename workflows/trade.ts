import { proxyActivities, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
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
  const { account, market, timeframe, intervalMs } = input;
  const steps = activitiesFor(input);

  const [, balances] = await Promise.all([steps.resolveUnfinished({ account, market }), steps.fetchBalances()]);
  const exchangeFreeKrw = balances.find((balance) => balance.currency === 'KRW')?.free ?? '0';
  const made = await steps.decide({ account, market, timeframe, exchangeFreeKrw });
  if (made.kind === 'no-candle') return tell(undefined, { outcome: 'no-candle', reason: 'no candle to decide on' });
  if (made.order === null) return tell(made.candle, withoutOrder(made));

  setCurrentDetails(`${made.reason}. Placing order ${made.order}.`);
  const placed = await steps.placeOrder({ identifier: made.order });
  if (placed.kind !== 'open') return tell(made.candle, notPlaced(placed, made.order));
  return tell(made.candle, await bringToItsEnd(steps, made.order, made.deadline, made.reason, intervalMs));
}

type Steps = ReturnType<typeof activitiesFor>;

function activitiesFor({ market, intervalMs }: TradeInput) {
  const proxy = (options: ReturnType<typeof policies.database>, summary: string) =>
    proxyActivities<TradingActivities>({ ...options, summary });
  return {
    ...pick(proxy(policies.placeOrder(intervalMs), `finish what ${market} has open`), 'resolveUnfinished'),
    ...pick(proxy(policies.account(intervalMs), 'what the account holds'), 'fetchBalances'),
    ...pick(proxy(policies.decision(intervalMs), `decide about the candle of ${market} that closes`), 'decide'),
    ...pick(proxy(policies.placeOrder(intervalMs), `send the order of ${market}`), 'placeOrder'),
    ...pick(proxy(policies.placeOrder(intervalMs), `cancel what rests of ${market}`), 'cancelOrder'),
    ...pick(proxy(policies.pollFills(intervalMs), `book the fills of ${market}`), 'pollOrderFills'),
  };
}

function pick<T, K extends keyof T>(proxy: T, name: K): Pick<T, K> {
  return { [name]: proxy[name] } as Pick<T, K>;
}

async function bringToItsEnd(
  steps: Steps,
  order: string,
  deadline: number,
  reason: string,
  intervalMs: number,
): Promise<TradeResult> {
  let state = await steps.pollOrderFills({ identifier: order, until: deadline });
  if (!state.final) {
    await steps.cancelOrder({ identifier: order });
    // Market time runs at least as fast as wall time: this long is enough for the exchange to say how it ended.
    state = await steps.pollOrderFills({ identifier: order, until: deadline + intervalMs });
  }
  if (!state.final) return { outcome: 'unresolved', reason: `${reason}; the order is still ${state.status}`, order };
  if (Number(state.executedQuantity) === 0) return { outcome: 'not-filled', reason, order };
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
