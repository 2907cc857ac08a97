import { type ForeignOrder, findForeignOrders, recordForeignOrder } from '../../db/foreign-orders.ts';
import type { ExchangeOrder } from '../../exchange/port.ts';
import type { DecimalText } from '../../strategy/candle.ts';
import { decimalText, Exact } from '../../strategy/exact-decimal.ts';
import type { TradingDependencies } from './dependencies.ts';

/** Most orders whose fills are asked for in one look, one call each; the next look goes on. */
const MOST_ASKED_FOR = 20;

/** An order to record, with what is wrong with it where something is. */
export interface ToRecord {
  readonly order: ExchangeOrder;
  readonly note?: string;
}

export interface ForeignRecorded {
  /** Orders seen for the first time. */
  readonly added: readonly ForeignOrder[];
  /** Whether every change is recorded; else the next look has more to do. */
  readonly complete: boolean;
}

/** Records orders that are not the ledger's: each once, and again when it has moved. */
export async function recordForeign(
  { db, exchange }: Pick<TradingDependencies, 'db' | 'exchange'>,
  account: string,
  seen: readonly ToRecord[],
): Promise<ForeignRecorded> {
  const ids = seen.map(({ order }) => order.exchangeOrderId);
  const known = new Map((await findForeignOrders(db, account, ids)).map((row) => [row.exchange_order_id, row]));
  const added: ForeignOrder[] = [];
  let asked = 0;
  let complete = true;
  for (const { order, note } of seen) {
    const before = known.get(order.exchangeOrderId);
    if (before !== undefined && sameAs(before, order)) continue;
    let shown = order;
    // Lists tell what was executed, but not for how much.
    if (!new Exact(order.executedVolume).isZero()) {
      asked += 1;
      const answer =
        asked > MOST_ASKED_FOR ? undefined : await exchange.fetchOrder({ exchangeOrderId: order.exchangeOrderId });
      if (answer === undefined || !fillsAddUp(answer)) {
        complete = false;
        continue;
      }
      shown = answer;
    }
    const recorded = await recordForeignOrder(db, { ...figuresOf(account, shown), ...(note ? { note } : {}) });
    if (before === undefined) added.push(recorded);
  }
  return { added, complete };
}

function sameAs(known: ForeignOrder, { state, executedVolume, paidFee }: ExchangeOrder): boolean {
  const same = new Exact(known.executed_quantity).eq(executedVolume) && new Exact(known.paid_fee).eq(paidFee);
  return known.state === state && same;
}

/** The exchange may name fills a moment after it counts them. */
function fillsAddUp({ fills, executedVolume }: ExchangeOrder): boolean {
  return new Exact(sum(fills.map(({ volume }) => volume))).eq(executedVolume);
}

function sum(amounts: readonly DecimalText[]): DecimalText {
  return decimalText(amounts.reduce((all, amount) => all.plus(amount), new Exact(0)));
}

function figuresOf(account: string, shown: ExchangeOrder) {
  return {
    account,
    exchangeOrderId: shown.exchangeOrderId,
    identifier: shown.identifier ?? null,
    market: shown.market,
    side: shown.side,
    state: shown.state,
    executedQuantity: shown.executedVolume,
    executedFunds: sum(shown.fills.map(({ funds }) => funds)),
    paidFee: shown.paidFee,
  };
}
