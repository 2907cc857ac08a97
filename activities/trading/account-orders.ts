import { noteOrdersRead, readComparisonProgress } from '../../db/account-comparisons.ts';
import { findForeignOrders } from '../../db/foreign-orders.ts';
import type { ExchangeOrder } from '../../exchange/port.ts';
import { marketTime, type TradingDependencies } from './dependencies.ts';
import { hasEnded } from './order-fills.ts';

/** An order created before the last look may show up in a list a little later; market time. */
const OVERLAP_MS = 10 * 60_000;
/** Widest stretch read at once: one window of Upbit's list. After a longer absence the next looks go on from there. */
const WINDOW_MS = 7 * 86_400_000;
/** The exchange's clock is known to the second, and time goes on while we ask. */
const LOOK_AHEAD_MS = 10 * 60_000;
/** Most orders asked for one by one in one look; the next look goes on. */
const MOST_ASKED_FOR = 20;

/** Orders on the account, whoever made them. */
export interface AccountOrders {
  /** Open ones, those ended since the last look, and recorded ones that may have ended since. */
  readonly orders: readonly ExchangeOrder[];
  /** Whether nothing newer is left to read. */
  readonly complete: boolean;
  /** Notes that these have been dealt with: the next look goes on from here. */
  noteDealtWith(): Promise<void>;
}

/** Reads what has happened since the last look. Two or three calls; one more for each foreign order that left the lists. */
export async function readAccountOrders(deps: TradingDependencies, account: string): Promise<AccountOrders> {
  const { db, exchange, clock } = deps;
  // Open ones first: an order that ends meanwhile is then in the second list, not in neither.
  const open = await exchange.fetchOpenOrders();
  const now = marketTime(clock);
  const { ordersUntil = now } = await readComparisonProgress(db, account);
  const from = Math.min(ordersUntil, now) - OVERLAP_MS;
  const until = Math.min(now + LOOK_AHEAD_MS, from + WINDOW_MS - 1);
  const closed = await exchange.fetchClosedOrders({ from, until });

  const listed = new Map([...open, ...closed].map((order) => [order.exchangeOrderId, order]));
  // Open when they were last seen, and created too long ago for the list of ended ones.
  const vanished = (await findForeignOrders(db, account, [])).filter((known) => !listed.has(known.exchange_order_id));
  for (const known of vanished.slice(0, MOST_ASKED_FOR)) {
    const order = await exchange.fetchOrder({ exchangeOrderId: known.exchange_order_id });
    if (order !== undefined && hasEnded(order)) listed.set(order.exchangeOrderId, order);
  }
  return {
    orders: [...listed.values()],
    complete: until >= now && vanished.length <= MOST_ASKED_FOR,
    noteDealtWith: () => noteOrdersRead(db, account, Math.min(until, now)),
  };
}
