import type { Transaction } from 'kysely';
import type { Holdings } from '../strategy/position.ts';
import type { Order } from './orders.ts';
import type { Database, LedgerAdjustmentsTable } from './schema.ts';

/** Writes an adjustment with its exact effect; the caller, who holds the market's lock, books it. */
export async function recordAdjustment(
  trx: Transaction<Database>,
  order: Pick<Order, 'account' | 'market' | 'id'>,
  kind: LedgerAdjustmentsTable['kind'],
  change: Holdings,
  cause: string,
): Promise<void> {
  await trx
    .insertInto('ledger_adjustments')
    .values({
      account: order.account,
      market: order.market,
      order_id: order.id,
      kind,
      cash: change.cash,
      quantity: change.quantity,
      cost: change.cost,
      realised_profit: change.realisedProfit,
      cause,
    })
    .execute();
}
