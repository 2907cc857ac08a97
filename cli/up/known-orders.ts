import type { TradedAccount } from '../../config/account.ts';
import { UserError } from '../../config/user-error.ts';
import { findNewestAcceptedOrder } from '../../db/accepted-orders.ts';
import type { Db } from '../../db/connect.ts';
import type { TradingExchange } from '../../exchange/port.ts';

/**
 * Holds the newest order that the ledger says the exchange accepted against the exchange: one that does not know it was
 * wiped, put back from an older copy, or is another one under the same key. Then the ledger's money is not there.
 *
 * @throws {UserError} naming account, exchange and order
 */
export async function requireKnownOrders(
  db: Db,
  exchange: Pick<TradingExchange, 'fetchOrder'>,
  { account, endpoint }: TradedAccount,
): Promise<void> {
  const newest = await findNewestAcceptedOrder(db, account);
  if (newest === undefined || (await exchange.fetchOrder({ identifier: newest.identifier })) !== undefined) return;
  throw new UserError(
    `the ledger of ${account} does not belong to ${endpoint}: it holds order ${newest.identifier}, accepted there, ` +
      'which the exchange has never seen. Its state was removed or put back from an older copy (the folder "exchange" ' +
      'in the data directory, or --state-dir), or another exchange answers to the same key. Put the state back, or ' +
      'begin anew with another database: another --data-dir, or another DATABASE_URL',
  );
}
