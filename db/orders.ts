import { type Selectable, sql, type Transaction } from 'kysely';
import type { DecimalText } from '../strategy/candle.ts';
import { Exact } from '../strategy/exact-decimal.ts';
import { LEGS_BLOCKED_BY_UNKNOWN, type OrderIdentifier, type OrderLeg } from '../strategy/order-identifier.ts';
import { type OrderSide, reservationOf, reserveWhatIsFree } from '../strategy/order-money.ts';
import { IN_FLIGHT_STATUSES, UNFINISHED_STATUSES } from '../strategy/order-states.ts';
import type { Db } from './connect.ts';
import { InsufficientFree, MarketBlocked, NotInLedger, OrderContradiction } from './ledger-errors.ts';
import type { ListQuery } from './list-query.ts';
import { lockMarketAccount, type MarketAccount, writeMarketAccount } from './market-accounts.ts';
import type { Database, OrdersTable } from './schema.ts';

/** An order's row, columns as the table names them; sums and prices as decimal text, `deadline` in market time. */
export type Order = Selectable<OrdersTable>;

export interface IntendedOrder {
  readonly account: string;
  readonly identifier: OrderIdentifier;
  readonly market: string;
  readonly leg: OrderLeg;
  readonly side: OrderSide;
  /** KRW. */
  readonly price: DecimalText;
  /** Coins. */
  readonly quantity: DecimalText;
  /** Fraction of the funds. */
  readonly feeRate: DecimalText;
  /** The order as it will be sent, each time. */
  readonly request: Readonly<Record<string, string>>;
  /** From when on it must not be sent any more, UTC epoch milliseconds of market time. */
  readonly deadline: number;
  /** `decisions.id` of what decided it; null for an order nobody's vote decided. */
  readonly decision: string | null;
}

/**
 * Writes an order as `intended` and reserves what it can take at most, in the caller's transaction: with the decision
 * it comes from, or not at all. The same order again returns the row that is there.
 *
 * @throws {InsufficientFree} when the market has less free than it needs
 * @throws {MarketBlocked} when another order of the market is in flight, or `unknown` and the leg waits for it
 * @throws {OrderContradiction} when the identifier belongs to a different order
 * @throws {NotInLedger} when the market has no sub-account
 */
export async function insertIntendedOrder(trx: Transaction<Database>, order: IntendedOrder): Promise<Order> {
  const money = await lockMarketAccount(trx, order.account, order.market);
  const existing = await readOrder(trx, order.identifier);
  if (existing !== undefined) return requireSame(existing, order);
  await requireUnblocked(trx, order);

  const wanted = reservationOf(order);
  const after = reserveWhatIsFree({ ...money, own: { cash: '0', quantity: '0' } }, wanted);
  if (!new Exact(after.own.cash).eq(wanted.cash) || !new Exact(after.own.quantity).eq(wanted.quantity)) {
    throw new InsufficientFree(insufficient(order.side, money, wanted));
  }
  await writeMarketAccount(trx, order, after.holdings, after.reserved);
  return trx
    .insertInto('orders')
    .values({
      account: order.account,
      identifier: order.identifier,
      market: order.market,
      leg: order.leg,
      side: order.side,
      price: order.price,
      quantity: order.quantity,
      fee_rate: order.feeRate,
      reserved_cash: wanted.cash,
      reserved_quantity: wanted.quantity,
      status: 'intended',
      request: JSON.stringify(order.request),
      deadline: new Date(order.deadline),
      decision: order.decision,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

async function requireUnblocked(trx: Transaction<Database>, order: IntendedOrder): Promise<void> {
  const inTheWay = (await findUnfinishedOrders(trx, order.account, order.market)).find(
    ({ status }) => status !== 'unknown' || LEGS_BLOCKED_BY_UNKNOWN.includes(order.leg),
  );
  if (inTheWay) throw new MarketBlocked(order.market, inTheWay.identifier, inTheWay.status);
}

function requireSame(existing: Order, order: IntendedOrder): Order {
  const same =
    existing.account === order.account &&
    existing.market === order.market &&
    existing.side === order.side &&
    new Exact(existing.price).eq(order.price) &&
    new Exact(existing.quantity).eq(order.quantity);
  if (!same) throw new OrderContradiction(`identifier ${order.identifier} belongs to a different order already`);
  return existing;
}

function insufficient(side: OrderSide, { market, free }: MarketAccount, wanted: MarketAccount['free']): string {
  return side === 'bid'
    ? `${market} has ${free.cash} KRW free, the order may take ${wanted.cash}`
    : `${market} has ${free.quantity} coins free, the order sells ${wanted.quantity}`;
}

export async function readOrder(db: Db, identifier: string): Promise<Order | undefined> {
  return db.selectFrom('orders').selectAll().where('identifier', '=', identifier).executeTakeFirst();
}

/** @throws {NotInLedger} */
export async function requireOrder(db: Db, identifier: string): Promise<Order> {
  const order = await readOrder(db, identifier);
  if (order === undefined) throw new NotInLedger(`the ledger has no order ${identifier}`);
  return order;
}

/** Orders somebody still has to bring to an end, the one in flight first, then `unknown` ones, oldest first. */
export async function findUnfinishedOrders(db: Db, account: string, market?: string): Promise<readonly Order[]> {
  return db
    .selectFrom('orders')
    .selectAll()
    .where('account', '=', account)
    .$if(market !== undefined, (rows) => rows.where('market', '=', market as string))
    .where('status', 'in', UNFINISHED_STATUSES)
    .orderBy(sql`status = 'unknown'`)
    .orderBy('id')
    .execute();
}

/** The order of a market to resolve first: the one in flight, else the oldest `unknown` one. */
export async function findUnfinishedOrder(db: Db, account: string, market: string): Promise<Order | undefined> {
  return (await findUnfinishedOrders(db, account, market))[0];
}

/** The one order of a market that is in flight. */
export async function findOrderInFlight(db: Db, account: string, market: string): Promise<Order | undefined> {
  return db
    .selectFrom('orders')
    .selectAll()
    .where('account', '=', account)
    .where('market', '=', market)
    .where('status', 'in', IN_FLIGHT_STATUSES)
    .executeTakeFirst();
}

/** Newest first. */
export async function readOrders(db: Db, query: ListQuery): Promise<readonly Order[]> {
  return db
    .selectFrom('orders')
    .selectAll()
    .where('account', '=', query.account)
    .$if(query.market !== undefined, (rows) => rows.where('market', '=', query.market as string))
    .orderBy('id', 'desc')
    .limit(query.limit)
    .execute();
}
