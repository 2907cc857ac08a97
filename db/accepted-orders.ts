import type { Db } from './connect.ts';
import type { Order } from './orders.ts';

/** The newest order the exchange has confirmed to have; undefined when there is none. */
export async function findNewestAcceptedOrder(db: Db, account: string): Promise<Order | undefined> {
  return db
    .selectFrom('orders')
    .selectAll()
    .where('account', '=', account)
    .where('exchange_order_id', 'is not', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}
