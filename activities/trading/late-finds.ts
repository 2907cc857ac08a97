import { takeTurns } from '../../db/order-look-ups.ts';
import { findUnfinishedOrders, type Order } from '../../db/orders.ts';
import { findGivenUpOrders, findOrdersByIdentifier, LATE_FINDS_MS, noteShownAtExchange } from '../../db/sent-orders.ts';
import type { ExchangeOrder } from '../../exchange/port.ts';
import { Exact } from '../../strategy/exact-decimal.ts';
import { IN_FLIGHT_STATUSES, type OrderStatus } from '../../strategy/order-states.ts';
import { marketTime, type TradingDependencies } from './dependencies.ts';
import { hasEnded, type OrderState } from './order-fills.ts';
import { resolveSurely } from './second-look.ts';

/** Most of them in one look, in turns. */
const MOST_ASKED_FOR = 10;

/** What has come of orders that bear this bot's id. */
export interface LateFinds {
  /** Orders the ledger had given up, or knew less of than the exchange, as they are now. */
  readonly found: readonly OrderState[];
  /** Orders the ledger has no row for, or refuses to book, and why. */
  readonly unbookable: readonly Unbookable[];
  /** Of the ledger's own orders those it refused in this very look: what they did is in `unbookable`. */
  readonly refused: ReadonlySet<string>;
}

interface Unbookable {
  readonly order: ExchangeOrder;
  readonly why: string;
}

/** Brings the ledger up to what the exchange shows of orders that have ended, or never were, for the ledger. */
export async function adoptOwnOrders(
  deps: TradingDependencies,
  account: string,
  own: readonly ExchangeOrder[],
): Promise<LateFinds> {
  const identifiers = own.flatMap(({ identifier }) => identifier ?? []);
  const rows = await findOrdersByIdentifier(deps.db, account, identifiers);
  const calledUnsent = rows.filter(({ sending_at: sentAt }) => sentAt === null);
  await noteShownAtExchange(
    deps.db,
    account,
    calledUnsent.map(({ identifier }) => identifier),
  );
  const byIdentifier = new Map(rows.map((row) => [row.identifier, row]));
  const found: OrderState[] = [];
  const unbookable: Unbookable[] = [];
  const refused = new Set<string>();
  const noteRefused = ({ identifier }: Order, one: Unbookable) => {
    refused.add(identifier);
    unbookable.push(one);
  };
  const adopt = async (row: Order, listed?: ExchangeOrder) => {
    const adopted = await adoptOrder(deps, row, listed);
    if (adopted === undefined) return;
    if ('why' in adopted) noteRefused(row, adopted);
    else found.push(adopted);
  };
  for (const order of own) {
    const row = byIdentifier.get(order.identifier ?? '');
    if (row === undefined) {
      unbookable.push({ order, why: 'it bears the id of this bot, and the ledger has no such order' });
    } else if (isSecond(row, order)) {
      noteRefused(row, await refuseSecond(deps, row, order));
    } else if (!isSettled(row, order)) {
      await adopt(row, order);
    }
  }
  for (const row of await givenUpOrders(deps, account, byIdentifier)) await adopt(row);
  for (const row of await overdueOrders(deps, account)) {
    if (refused.has(row.identifier)) continue;
    const adopted = await adoptOrder(deps, row);
    if (adopted !== undefined && 'why' in adopted) noteRefused(row, adopted);
  }
  return { found, unbookable, refused };
}

/**
 * Books what the exchange shows of the order.
 *
 * @param listed the order as a list shows it; without it undefined is returned when the exchange does not know it
 */
async function adoptOrder(
  deps: TradingDependencies,
  row: Order,
  listed?: ExchangeOrder,
): Promise<OrderState | Unbookable | undefined> {
  const resolved = await resolveSurely(deps, row);
  if ('state' in resolved) {
    return listed === undefined && resolved.state.status === 'expired' ? undefined : resolved.state;
  }
  const order = listed ?? (await deps.exchange.fetchOrder({ identifier: row.identifier }));
  return order === undefined ? undefined : refuse(deps, order, resolved.contradiction);
}

async function refuse(
  { exchange }: TradingDependencies,
  order: ExchangeOrder,
  contradiction: string,
): Promise<Unbookable> {
  // Nobody looks after it, so it must not trade on.
  if (!hasEnded(order)) await exchange.cancelOrder({ exchangeOrderId: order.exchangeOrderId });
  return { order, why: `the ledger refuses it: ${contradiction}` };
}

/** Whether it is another order than the one the ledger has under that identifier, which has ended. */
function isSecond(row: Order, { exchangeOrderId }: ExchangeOrder): boolean {
  return !isInFlight(row) && row.exchange_order_id !== null && row.exchange_order_id !== exchangeOrderId;
}

function refuseSecond(deps: TradingDependencies, row: Order, second: ExchangeOrder): Promise<Unbookable> {
  const { identifier, exchange_order_id: first } = row;
  return refuse(
    deps,
    second,
    `order ${identifier} is ${first} at the exchange and cannot be ${second.exchangeOrderId} too`,
  );
}

/** Whether the ledger says all there is to say, or a run of its own is about to; see `overdueOrders` for the rest. */
function isSettled(row: Order, shown: ExchangeOrder): boolean {
  if (isInFlight(row)) return true;
  const finished = row.status === 'filled' || row.status === 'canceled';
  return finished && hasEnded(shown) && new Exact(shown.executedVolume).eq(row.executed_quantity);
}

/** In flight past their deadline, so that they were to be settled just before: what still contradicts them is recorded. */
async function overdueOrders({ db, clock }: TradingDependencies, account: string): Promise<readonly Order[]> {
  const now = marketTime(clock);
  return (await findUnfinishedOrders(db, account)).filter(
    (row) => row.status !== 'intended' && isInFlight(row) && now >= row.deadline.getTime(),
  );
}

function isInFlight({ status }: Order): boolean {
  return (IN_FLIGHT_STATUSES as readonly OrderStatus[]).includes(status);
}

/** The exchange's lists show what was created lately; an order it has had for longer is found by its name alone. */
async function givenUpOrders(
  { db, clock }: TradingDependencies,
  account: string,
  seen: ReadonlyMap<string, Order>,
): Promise<readonly Order[]> {
  const givenUp = await findGivenUpOrders(db, account, marketTime(clock) - LATE_FINDS_MS);
  const unseen = givenUp.filter(({ identifier }) => !seen.has(identifier));
  const identifiers = unseen.map(({ identifier }) => identifier);
  const turns = new Set(await takeTurns(db, account, identifiers, MOST_ASKED_FOR));
  return unseen.filter(({ identifier }) => turns.has(identifier));
}
