import { proxyActivities, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { TradingActivities } from '../activities/trading.ts';
import type { Timeframe } from '../config/timeframe.ts';
import { database, placeOrder } from './policies.ts';
import { outcomeAttribute } from './search-attributes.ts';

export interface ReconcileInput {
  readonly account: string;
  readonly timeframe: Timeframe;
  /** Wall milliseconds a candle takes. */
  readonly intervalMs: number;
}

export interface ReconcileResult {
  /** Orders it found unfinished. */
  readonly unfinished: number;
  /** Of those: still not at their end. */
  readonly left: number;
  /** Candles nobody decided on in time. */
  readonly stale: number;
}

/** Brings orders to their end that no run of their own looks after any more, and closes the record of decisions. */
export async function ReconcileWorkflow({ account, timeframe, intervalMs }: ReconcileInput): Promise<ReconcileResult> {
  const { settleOrders } = proxyActivities<TradingActivities>({
    ...placeOrder(intervalMs),
    summary: 'finish every open order',
  });
  const { recordStale } = proxyActivities<TradingActivities>({
    ...database(intervalMs),
    summary: 'note candles nobody decided on',
  });
  const orders = await settleOrders({ account });
  const stale = await recordStale({ account, timeframe });

  const left = orders.filter((order) => !order.final).length;
  upsertSearchAttributes([{ key: outcomeAttribute, value: left === 0 ? 'settled' : 'unresolved' }]);
  setCurrentDetails(`${orders.length} unfinished orders, ${left} still open; ${stale} stale candles noted.`);
  return { unfinished: orders.length, left, stale };
}
