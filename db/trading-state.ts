import { type Selectable, sql, type Transaction } from 'kysely';
import type { OrderSide } from '../strategy/order-money.ts';
import type { Db } from './connect.ts';
import type { Database, TradingStateTable } from './schema.ts';
import { inTransaction } from './transaction.ts';

export type TradingState = Selectable<TradingStateTable>;

/**
 * How long after committing `sending` a request may still start, milliseconds on a monotonic clock. Past it the sender
 * must not send but commit anew (`renewSending`).
 */
export const SENDING_WINDOW_MS = 500;

/** What trading is allowed; `active` for an account nobody has said anything about. */
export async function readTradingState(db: Db, account: string): Promise<Pick<TradingState, 'state' | 'reason'>> {
  const row = await db.selectFrom('trading_state').selectAll().where('account', '=', account).executeTakeFirst();
  return row ?? { state: 'active', reason: null };
}

/** Whether an order may go out. */
export function maySend(state: TradingState['state'], side: OrderSide): boolean {
  return state === 'active' || (state === 'reducing' && side === 'ask');
}

/**
 * The account's row, locked FOR SHARE until the transaction ends: a change of state waits for it, and it waits for one
 * under way. Without a row there would be nothing to lock, so it is made.
 */
export async function shareTradingState(trx: Transaction<Database>, account: string): Promise<TradingState> {
  const locked = () =>
    trx.selectFrom('trading_state').selectAll().where('account', '=', account).forShare().executeTakeFirst();
  const found = await locked();
  if (found !== undefined) return found;
  await makeRow(trx, account);
  const made = await locked();
  if (made === undefined) throw new Error(`trading_state of ${account} vanished while it was being locked`);
  return made;
}

/** The same row FOR UPDATE: whoever holds it is alone in starting an account up. */
export async function lockTradingState(trx: Transaction<Database>, account: string): Promise<void> {
  await makeRow(trx, account);
  await trx.selectFrom('trading_state').select('account').where('account', '=', account).forUpdate().execute();
}

async function makeRow(trx: Transaction<Database>, account: string): Promise<void> {
  await trx
    .insertInto('trading_state')
    .values({ account, reason: null })
    .onConflict((conflict) => conflict.column('account').doNothing())
    .execute();
}

/** The state after a change, and whether this call made it: who asks for what is there already changes nothing. */
export interface TradingStateChange {
  readonly changed: boolean;
  readonly state: TradingState;
}

/**
 * After it returns no `beginSending` and no `renewSending` succeeds. A request whose `sending` was committed just before
 * may still start for `SENDING_WINDOW_MS`: who promises that nothing starts any more waits for that. Halting again keeps
 * the first reason and time.
 *
 * @param lockTimeoutMs how long to wait for transactions that share the state; as long as it takes without it
 * @throws with code 55P03 when one of them is not over by then; nothing was changed
 */
export function haltTrading(db: Db, account: string, reason: string, lockTimeoutMs = 0): Promise<TradingStateChange> {
  return inTransaction(db, async (trx) => {
    await sql`SELECT set_config('lock_timeout', ${`${lockTimeoutMs}ms`}, true)`.execute(trx);
    return changeState(trx, account, 'halted', reason);
  });
}

/** Only sales go out from now on, also when everything was halted before. Purchases stop as with {@link haltTrading}. */
export function reduceTrading(db: Db, account: string, reason: string): Promise<TradingStateChange> {
  return inTransaction(db, (trx) => changeState(trx, account, 'reducing', reason));
}

/** Everything goes out again. An order still `intended` is sent if its deadline is ahead. */
export function resumeTrading(db: Db, account: string, reason: string): Promise<TradingStateChange> {
  return inTransaction(db, (trx) => changeState(trx, account, 'active', reason));
}

/** Waits for every transaction that shares the row, also when it then has nothing to change. */
async function changeState(
  trx: Transaction<Database>,
  account: string,
  state: TradingState['state'],
  reason: string,
): Promise<TradingStateChange> {
  await lockTradingState(trx, account);
  const changed = await trx
    .updateTable('trading_state')
    .set({ state, reason, since: sql<Date>`clock_timestamp()` })
    .where('account', '=', account)
    .where('state', '<>', state)
    .returningAll()
    .executeTakeFirst();
  if (changed !== undefined) return { changed: true, state: changed };
  const kept = await trx
    .selectFrom('trading_state')
    .selectAll()
    .where('account', '=', account)
    .executeTakeFirstOrThrow();
  return { changed: false, state: kept };
}
