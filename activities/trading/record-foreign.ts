import { type ForeignOrder, findForeignOrders, recordForeignOrder } from '../../db/foreign-orders.ts';
import { noteClear, noteUnclear, takeTurns } from '../../db/order-look-ups.ts';
import type { ExchangeOrder } from '../../exchange/port.ts';
import type { DecimalText } from '../../strategy/candle.ts';
import { decimalText, Exact } from '../../strategy/exact-decimal.ts';
import type { TradingDependencies } from './dependencies.ts';

/** Most orders whose fills are asked for in one look, one call each; the next look goes on. */
const MOST_ASKED_FOR = 20;
/**
 * The exchange may name fills a moment after it counts them. For so long they are waited for, wall time; then the order
 * is recorded with what is named, because until it is nothing on the account can be judged.
 */
const FILLS_AWAITED_MS = 60_000;

/** An order to record, with what is wrong with it where something is. */
export interface ToRecord {
  readonly order: ExchangeOrder;
  readonly note?: string;
}

export interface ForeignRecorded {
  /** Orders seen for the first time, or again after the ledger had booked them. */
  readonly added: readonly ForeignOrder[];
  /** Whether every change is recorded; else the next look has more to do. */
  readonly complete: boolean;
}

/** Records orders that are not the ledger's: each once, and again when it has moved. */
export async function recordForeign(
  deps: Pick<TradingDependencies, 'db' | 'exchange'>,
  account: string,
  seen: readonly ToRecord[],
): Promise<ForeignRecorded> {
  const { db } = deps;
  const ids = seen.map(({ order }) => order.exchangeOrderId);
  const known = new Map((await findForeignOrders(db, account, ids)).map((row) => [row.exchange_order_id, row]));
  const moved = seen.filter(({ order }) => !sameAs(known.get(order.exchangeOrderId), order));
  const executed = moved.filter(({ order }) => hasExecuted(order)).map(({ order }) => order.exchangeOrderId);
  const turns = new Set(await takeTurns(db, account, executed, MOST_ASKED_FOR));
  const added: ForeignOrder[] = [];
  let complete = true;
  for (const one of moved) {
    const { exchangeOrderId } = one.order;
    // Lists tell what was executed, but not for how much.
    const asked = !hasExecuted(one.order) || turns.has(exchangeOrderId);
    const shown = asked ? await withFills(deps, account, one) : undefined;
    if (shown === undefined) {
      complete = false;
      continue;
    }
    const { order, note } = shown;
    const recorded = await recordForeignOrder(db, { ...figuresOf(account, order), ...(note ? { note } : {}) });
    if (known.get(exchangeOrderId)?.booked_at !== null) added.push(recorded);
  }
  return { added, complete };
}

function hasExecuted({ executedVolume }: ExchangeOrder): boolean {
  return !new Exact(executedVolume).isZero();
}

/** The order with its fills; undefined while they may still come. */
async function withFills(
  { db, exchange }: Pick<TradingDependencies, 'db' | 'exchange'>,
  account: string,
  listed: ToRecord,
): Promise<ToRecord | undefined> {
  const { exchangeOrderId } = listed.order;
  if (!hasExecuted(listed.order)) return listed;
  const answer = await exchange.fetchOrder({ exchangeOrderId });
  if (answer !== undefined && fillsAddUp(answer)) {
    await noteClear(db, account, exchangeOrderId);
    return { ...listed, order: answer };
  }
  if ((await noteUnclear(db, account, exchangeOrderId)) < FILLS_AWAITED_MS) return undefined;
  await noteClear(db, account, exchangeOrderId);
  const order = answer ?? listed.order;
  const named = sum(distinctFills(order).map(({ volume }) => volume));
  const short = `${order.executedVolume} executed, fills of ${named} named by the exchange: KRW of the rest not known`;
  return { order, note: listed.note === undefined ? short : `${listed.note}; ${short}` };
}

function sameAs(known: ForeignOrder | undefined, { state, executedVolume, paidFee }: ExchangeOrder): boolean {
  if (known === undefined || known.booked_at !== null) return false;
  const same = new Exact(known.executed_quantity).eq(executedVolume) && new Exact(known.paid_fee).eq(paidFee);
  return known.state === state && same;
}

export function fillsAddUp(order: ExchangeOrder): boolean {
  return new Exact(sum(distinctFills(order).map(({ volume }) => volume))).eq(order.executedVolume);
}

/** An answer that names a fill twice means one, as everywhere in the ledger: its id tells. */
function distinctFills({ fills }: ExchangeOrder): ExchangeOrder['fills'] {
  return [...new Map(fills.map((fill) => [fill.exchangeTradeId, fill])).values()];
}

function sum(amounts: readonly DecimalText[]): DecimalText {
  return decimalText(amounts.reduce((all, amount) => all.plus(amount), new Exact(0)));
}

/** What it has come to, as `foreign_orders` has it. */
export function figuresOf(account: string, shown: ExchangeOrder) {
  return {
    account,
    exchangeOrderId: shown.exchangeOrderId,
    identifier: shown.identifier ?? null,
    market: shown.market,
    side: shown.side,
    state: shown.state,
    executedQuantity: shown.executedVolume,
    executedFunds: sum(distinctFills(shown).map(({ funds }) => funds)),
    paidFee: shown.paidFee,
  };
}
