import { IllegalOrderMove, OrderContradiction } from '../../db/ledger-errors.ts';
import type { Order } from '../../db/orders.ts';
import { findGivenUpOrders, findOrdersByIdentifier } from '../../db/sent-orders.ts';
import type { ExchangeOrder } from '../../exchange/port.ts';
import { Exact } from '../../strategy/exact-decimal.ts';
import { IN_FLIGHT_STATUSES, type OrderStatus } from '../../strategy/order-states.ts';
import { marketTime, type TradingDependencies } from './dependencies.ts';
import { hasEnded, type OrderState } from './order-fills.ts';
import { resolveOrder } from './resolve-order.ts';

/** For how long an order that was given up is asked for by its identifier, market time after its deadline. */
const ASKED_FOR_MS = 7 * 86_400_000;
/** Most of them in one look. */
const MOST_ASKED_FOR = 10;

/** What has come of orders that bear this bot's id. */
export interface LateFinds {
  /** Orders the ledger had given up, or knew less of than the exchange, as they are now. */
  readonly found: readonly OrderState[];
  /** Orders the ledger has no row for, or refuses to book, and why. */
  readonly unbookable: readonly { readonly order: ExchangeOrder; readonly why: string }[];
}

/** Brings the ledger up to what the exchange shows of orders that have ended, or never were, for the ledger. */
export async function adoptOwnOrders(
  deps: TradingDependencies,
  account: string,
  own: readonly ExchangeOrder[],
): Promise<LateFinds> {
  const identifiers = own.flatMap(({ identifier }) => identifier ?? []);
  const rows = await findOrdersByIdentifier(deps.db, account, identifiers);
  const byIdentifier = new Map(rows.map((row) => [row.identifier, row]));
  const found: OrderState[] = [];
  const unbookable: { order: ExchangeOrder; why: string }[] = [];
  for (const order of own) {
    const row = byIdentifier.get(order.identifier ?? '');
    if (row === undefined) {
      unbookable.push({ order, why: 'it bears the id of this bot, and the ledger has no such order' });
      continue;
    }
    if (isSettled(row, order)) continue;
    try {
      found.push(await resolveOrder(deps, row));
    } catch (error) {
      if (!(error instanceof IllegalOrderMove || error instanceof OrderContradiction)) throw error;
      unbookable.push({ order, why: `the ledger refuses it: ${error.message}` });
      // Nobody looks after it, so it must not trade on.
      if (!hasEnded(order)) await deps.exchange.cancelOrder({ exchangeOrderId: order.exchangeOrderId });
    }
  }
  return { found: [...found, ...(await askForGivenUp(deps, account, byIdentifier))], unbookable };
}

/** Whether the ledger says all there is to say, or a run of its own is about to. */
function isSettled(row: Order, shown: ExchangeOrder): boolean {
  if ((IN_FLIGHT_STATUSES as readonly OrderStatus[]).includes(row.status)) return true;
  const finished = row.status === 'filled' || row.status === 'canceled';
  return finished && hasEnded(shown) && new Exact(shown.executedVolume).eq(row.executed_quantity);
}

/** The exchange's lists show what was created lately; an order it has had for longer is found by its name alone. */
async function askForGivenUp(
  deps: TradingDependencies,
  account: string,
  seen: ReadonlyMap<string, Order>,
): Promise<readonly OrderState[]> {
  const after = marketTime(deps.clock) - ASKED_FOR_MS;
  const found: OrderState[] = [];
  for (const order of await findGivenUpOrders(deps.db, account, after, MOST_ASKED_FOR)) {
    if (seen.has(order.identifier)) continue;
    const state = await resolveOrder(deps, order);
    if (state.status !== 'expired') found.push(state);
  }
  return found;
}
