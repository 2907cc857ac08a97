import { sql } from 'kysely';
import type { Db } from './connect.ts';
import type { Order } from './orders.ts';

/** For how long an order that was given up is looked for, market time after its deadline. */
export const LATE_FINDS_MS = 7 * 86_400_000;

/**
 * For how long a request that was handed to the system may still arrive, wall time. Linux sends again what is not
 * acknowledged for 924.6 s (`tcp_retries2` = 15), and a last time just before they are over; docs/halt.md.
 */
const ON_ITS_WAY_MS = 16 * 60_000;

/** The account's orders among the identifiers. */
export async function findOrdersByIdentifier(
  db: Db,
  account: string,
  identifiers: readonly string[],
): Promise<readonly Order[]> {
  if (identifiers.length === 0) return [];
  return db
    .selectFrom('orders')
    .selectAll()
    .where('account', '=', account)
    .where('identifier', '=', sql<string>`ANY(${[...identifiers]}::text[])`)
    .execute();
}

/**
 * Notes of those that the ledger has as never sent that they may have been: the exchange shows them. The ledger is an older
 * copy, put back; without the note nobody would ask for them by name once the exchange's lists show them no more, and
 * their own run would send them as if for the first time.
 */
export async function noteShownAtExchange(db: Db, account: string, identifiers: readonly string[]): Promise<void> {
  if (identifiers.length === 0) return;
  await db
    .updateTable('orders')
    .set({ sending_at: sql<Date>`clock_timestamp()` })
    .where('account', '=', account)
    .where('identifier', '=', sql<string>`ANY(${[...identifiers]}::text[])`)
    .where('sending_at', 'is', null)
    .execute();
}

/**
 * Orders given up as `expired` although they may have been sent, newest first: one of them may still turn up.
 *
 * @param deadlineAfter market time
 */
export async function findGivenUpOrders(db: Db, account: string, deadlineAfter: number): Promise<readonly Order[]> {
  return db
    .selectFrom('orders')
    .selectAll()
    .where('account', '=', account)
    .where('status', '=', 'expired')
    .where('sending_at', 'is not', null)
    .where('deadline', '>', new Date(deadlineAfter))
    .orderBy('deadline', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

/**
 * Orders given up as `expired`, by whomever, of which a request may still be on its way: their names are not used up.
 * Oldest request first.
 */
export async function findOrdersOnTheirWay(db: Db, account: string): Promise<readonly Order[]> {
  return db
    .selectFrom('orders')
    .selectAll()
    .where('account', '=', account)
    .where('status', '=', 'expired')
    .where('sending_at', '>', sql<Date>`clock_timestamp() - ${ON_ITS_WAY_MS} * interval '1 millisecond'`)
    .orderBy('sending_at')
    .execute();
}

/** Until when the last request for the order may still arrive, by the database's clock. */
export function mayArriveUntil({ sending_at: sentAt, created_at: decidedAt }: Order): Date {
  return new Date((sentAt ?? decidedAt).getTime() + ON_ITS_WAY_MS);
}
