import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { OrderStatus } from '../strategy/order-states.ts';
import type { Db } from './connect.ts';
import { type LockedOrder, lockOrder, moveOrder, settleOrder } from './locked-order.ts';
import { type Order, requireOrder } from './orders.ts';
import type { Database } from './schema.ts';
import { maySend, shareTradingState, type TradingState } from './trading-state.ts';

/** What an attempt to place an order has to do next. */
export type BeginSending =
  /** `sending` is committed: POST `order.request` once, started within `SENDING_WINDOW_MS` of now or not at all. */
  | { readonly kind: 'send'; readonly order: Order }
  /** It may have been sent before, or was seen at the exchange: look it up; `renewSending` before sending it again. */
  | { readonly kind: 'maybe-sent'; readonly order: Order }
  /** Trading is halted, or reduced and this is a purchase. It stays `intended` until its deadline. */
  | { readonly kind: 'halted'; readonly state: TradingState }
  /** Past sending: `expired` (just now, if its deadline passed), `open` or later. Nothing to send. */
  | { readonly kind: 'settled'; readonly status: OrderStatus; readonly order: Order };

/**
 * Commits that the order is about to be sent. Takes its own transaction and returns when that is durable, so that
 * nothing is ever sent that the ledger does not know of. Shares the account's trading state: a halt under way is waited
 * for and wins; one that comes later waits for this commit.
 *
 * A halted order stays `intended` instead of expiring at once: resumed before the deadline it may still go out, and the
 * deadline expires it whatever the trading state is.
 *
 * One that was never sent for all the ledger knows, and that the exchange has shown (`noteShownAtExchange`), is `sending`
 * from here on like one whose answer was lost: it is looked up first, and a refusal of its repetition settles nothing.
 *
 * @param now the exchange's clock, UTC epoch milliseconds of market time; at the deadline it is too late
 * @throws {NotInLedger}
 */
export function beginSending(db: Db, identifier: string, now: number): Promise<BeginSending> {
  return inSharedState(db, identifier, async (trx, state, locked) => {
    const { order } = locked;
    if (order.status === 'sending') return { kind: 'maybe-sent', order };
    if (order.status !== 'intended') return { kind: 'settled', status: order.status, order };
    if (now >= order.deadline.getTime()) {
      const expired = await settleOrder(trx, locked, 'expired', 'its deadline passed before it was sent');
      return { kind: 'settled', status: 'expired', order: expired };
    }
    if (!maySend(state.state, order.side)) return { kind: 'halted', state };
    if (order.sending_at !== null) return { kind: 'maybe-sent', order: await moveOrder(trx, order, 'sending') };
    return { kind: 'send', order: await moveOrder(trx, order, 'sending', { sending_at: laterThan(order) }) };
  });
}

export type RenewSending =
  | { readonly kind: 'send'; readonly order: Order }
  /** Its deadline has passed: never send it again, only look it up. */
  | { readonly kind: 'too-late'; readonly order: Order }
  /** It stays `sending`, because it may have arrived; only look it up. */
  | { readonly kind: 'halted'; readonly state: TradingState }
  | { readonly kind: 'settled'; readonly status: OrderStatus; readonly order: Order };

/**
 * Commits that the identical request of an order still `sending` is about to be sent again, under the same rule as
 * {@link beginSending}. `sending_at` becomes the time of this commit: the settle delay counts from the last request.
 *
 * @param now the exchange's clock, UTC epoch milliseconds of market time
 * @throws {NotInLedger}
 */
export function renewSending(db: Db, identifier: string, now: number): Promise<RenewSending> {
  return inSharedState(db, identifier, async (trx, state, { order }) => {
    if (order.status !== 'sending') return { kind: 'settled', status: order.status, order };
    if (now >= order.deadline.getTime()) return { kind: 'too-late', order };
    if (!maySend(state.state, order.side)) return { kind: 'halted', state };
    const renewed = await trx
      .updateTable('orders')
      .set({ sending_at: laterThan(order) })
      .where('identifier', '=', identifier)
      .returningAll()
      .executeTakeFirstOrThrow();
    return { kind: 'send', order: renewed };
  });
}

/** Now; never in the millisecond of the request before, so that by this time it is told which one was the last. */
function laterThan({ sending_at: before }: Order): RawBuilder<Date> {
  return sql<Date>`CASE WHEN date_trunc('milliseconds', clock_timestamp()) = ${before}::timestamptz
    THEN ${before}::timestamptz + interval '1 millisecond' ELSE clock_timestamp() END`;
}

/** Always a transaction of its own: what is decided in it holds only once it is committed. */
function inSharedState<T>(
  db: Db,
  identifier: string,
  decide: (trx: Transaction<Database>, state: TradingState, locked: LockedOrder) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (trx) => {
    const { account } = await requireOrder(trx, identifier);
    const state = await shareTradingState(trx, account);
    return decide(trx, state, await lockOrder(trx, identifier));
  });
}
