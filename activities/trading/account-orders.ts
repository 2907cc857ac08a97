import { type ComparisonProgress, noteOrdersRead, readComparisonProgress } from '../../db/account-comparisons.ts';
import { findForeignOrders, markForeignOrderGone } from '../../db/foreign-orders.ts';
import { noteClear, noteUnclear, takeTurns } from '../../db/order-look-ups.ts';
import type { ExchangeOrder } from '../../exchange/port.ts';
import { marketTime, type TradingDependencies } from './dependencies.ts';

/** An order created before the last look may show up in a list a little later; market time. */
const OVERLAP_MS = 10 * 60_000;
/** Widest stretch read at once: one window of Upbit's list. After a longer absence the next looks go on from there. */
const WINDOW_MS = 7 * 86_400_000;
/** The exchange's clock is known to the second, and time goes on while we ask. */
const LOOK_AHEAD_MS = 10 * 60_000;
/** Most orders asked for one by one in one look; the next look goes on. */
const MOST_ASKED_FOR = 20;
/** For how long an order that was seen here must not be found until it is believed to be gone; wall time. */
export const GONE_AFTER_MS = 60_000;

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
  const from = lookedAtUntil(await readComparisonProgress(db, account), now) - OVERLAP_MS;
  const until = Math.min(now + LOOK_AHEAD_MS, from + WINDOW_MS - 1);
  const closed = await exchange.fetchClosedOrders({ from, until });
  // The clock may have run ahead until that answer: only what it cannot have passed has been looked at.
  const lookedAt = Math.min(until, now, marketTime(clock));

  const listed = new Map([...open, ...closed].map((order) => [order.exchangeOrderId, order]));
  const vanished = await askForVanished(deps, account, listed);
  for (const order of vanished.found) listed.set(order.exchangeOrderId, order);
  return {
    orders: [...listed.values()],
    complete: until >= now && vanished.complete,
    noteDealtWith: () => noteOrdersRead(db, account, { until: lookedAt, now: marketTime(clock) }),
  };
}

/**
 * Until when the last look has seen ended orders. What is noted may lie ahead of the exchange's time, noted by a clock
 * that was wrong; then the last comparison, which had seen everything, tells.
 */
function lookedAtUntil({ ordersUntil, comparedAt }: ComparisonProgress, now: number): number {
  if (ordersUntil === undefined) return now;
  return ordersUntil <= now ? ordersUntil : Math.min(now, comparedAt ?? now);
}

/** Orders that rested when they were last seen, and were created too long ago for the list of ended ones. */
async function askForVanished(
  { db, exchange }: TradingDependencies,
  account: string,
  listed: ReadonlyMap<string, ExchangeOrder>,
): Promise<{ readonly found: readonly ExchangeOrder[]; readonly complete: boolean }> {
  const resting = await findForeignOrders(db, account, []);
  const vanished = resting.map((known) => known.exchange_order_id).filter((id) => !listed.has(id));
  const found: ExchangeOrder[] = [];
  for (const exchangeOrderId of await takeTurns(db, account, vanished, MOST_ASKED_FOR)) {
    const order = await exchange.fetchOrder({ exchangeOrderId });
    if (order !== undefined) {
      found.push(order);
      await noteClear(db, account, exchangeOrderId);
    } else if ((await noteUnclear(db, account, exchangeOrderId)) >= GONE_AFTER_MS) {
      await markForeignOrderGone(db, account, exchangeOrderId);
    }
  }
  return { found, complete: vanished.length <= MOST_ASKED_FOR };
}
