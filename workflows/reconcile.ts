import { log, proxyActivities, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { TradingActivities } from '../activities/trading.ts';
import type { Timeframe } from '../config/timeframe.ts';
import * as policies from './policies.ts';
import { outcomeAttribute } from './search-attributes.ts';

export interface ReconcileInput {
  readonly account: string;
  readonly timeframe: Timeframe;
  /** Wall milliseconds a candle takes. */
  readonly intervalMs: number;
}

/**
 * `lost`: an order under this bot's id that the ledger lacks or refuses, which must never happen · `short`: the ledger
 * owns more than the exchange holds · `unresolved`: an order is not at its end · `differs`: a change on the account that
 * nothing explains · `found`: orders brought home, orders of others or changes with a cause recorded · `settled`: the
 * ledger is at rest, and nothing new.
 */
export type ReconcileOutcome = 'lost' | 'short' | 'unresolved' | 'differs' | 'found' | 'settled';

export interface ReconcileResult {
  readonly outcome: ReconcileOutcome;
  /** Orders it found unfinished. */
  readonly unfinished: number;
  /** Of those: still not at their end. */
  readonly left: number;
  /** Candles nobody decided on in time. */
  readonly stale: number;
  readonly compared: Compared;
}

type Settled = Awaited<ReturnType<TradingActivities['settleOrders']>>;
type Compared = Awaited<ReturnType<TradingActivities['compareAccount']>>;

/**
 * Brings orders to their end that no run of their own looks after any more, closes the record of decisions, and holds
 * the account at the exchange against the ledger.
 */
export async function ReconcileWorkflow({ account, timeframe, intervalMs }: ReconcileInput): Promise<ReconcileResult> {
  const { settleOrders } = proxyActivities<TradingActivities>({
    ...policies.placeOrder(intervalMs),
    summary: 'finish every open order',
  });
  const { recordStale } = proxyActivities<TradingActivities>({
    ...policies.database(intervalMs),
    summary: 'note candles nobody decided on',
  });
  const { compareAccount } = proxyActivities<TradingActivities>({
    ...policies.compareAccount(intervalMs),
    summary: 'hold the account against the ledger',
  });
  // An exchange that does not answer must not keep the record of decisions open.
  const [orders, stale] = await Promise.all([settleOrders({ account }), recordStale({ account, timeframe })]);
  const compared = await compareAccount({ account, force: orders.some(({ final, overdue }) => final && overdue) });

  const outcome = outcomeOf(orders, compared);
  for (const lost of [...contradictions(orders), ...compared.lost]) {
    log.error('order at the exchange that the ledger cannot explain', { lost });
  }
  upsertSearchAttributes([{ key: outcomeAttribute, value: outcome }]);
  setCurrentDetails(story(orders, stale, compared).join('\n\n'));
  const left = orders.filter(({ final }) => !final).length;
  return { outcome, unfinished: orders.length, left, stale, compared };
}

/** What the ledger owns beyond what the exchange holds, by currency. */
function missing({ outside }: Compared): readonly string[] {
  return Object.entries(outside)
    .filter(([, amount]) => amount.startsWith('-'))
    .map(([currency, amount]) => `${amount.slice(1)} ${currency}`);
}

/** Unfinished orders that the ledger refuses to book as the exchange shows them, at every run until somebody mends it. */
function contradictions(orders: Settled): readonly string[] {
  return orders.flatMap(({ identifier, contradiction }) =>
    contradiction === undefined ? [] : [`${identifier}: the ledger refuses it: ${contradiction}`],
  );
}

function outcomeOf(orders: Settled, compared: Compared): ReconcileOutcome {
  if (contradictions(orders).length + compared.lost.length > 0) return 'lost';
  if (missing(compared).length > 0) return 'short';
  if (orders.some(({ final }) => !final)) return 'unresolved';
  const changes = compared.differences.filter(({ cause }) => cause !== 'opening');
  if (changes.some(({ cause }) => cause !== 'deposit-or-withdrawal' && cause !== 'hand-trade')) return 'differs';
  return compared.found.length + compared.foreign.length + changes.length > 0 ? 'found' : 'settled';
}

/** The run in sentences, for the Temporal Web UI. */
function story(orders: Settled, stale: number, compared: Compared): readonly string[] {
  const states = (list: readonly { readonly identifier: string; readonly status: string }[]) =>
    list.map(({ identifier, status }) => `${identifier} is ${status}`).join(', ');
  const short = missing(compared);
  // An order that the comparison has just met too is told of once.
  const lost = new Set([...contradictions(orders), ...compared.lost]);
  return [
    ...[...lost].map((order) => `MUST NOT HAPPEN: order ${order}.`),
    ...(short.length === 0 ? [] : [`The ledger owns ${short.join(' and ')} more than the exchange holds.`]),
    orders.length === 0 ? 'No order was unfinished.' : `Unfinished orders: ${states(orders)}.`,
    ...(stale === 0 ? [] : [`${stale} stale candles noted.`]),
    ...(compared.found.length === 0 ? [] : [`Found late: ${states(compared.found)}.`]),
    ...(compared.foreign.length === 0 ? [] : [`Orders of others: ${compared.foreign.join(', ')}.`]),
    ...compared.differences.map(({ currency, amount, detail }) => `${amount} ${currency}: ${detail}.`),
    compared.skipped === null ? 'Balances compared.' : `Balances not compared: ${compared.skipped}.`,
  ];
}
