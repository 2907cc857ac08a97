import { findUnfinishedOrders } from '../../db/orders.ts';
import { marketTime, type TradingDependencies } from './dependencies.ts';
import type { OrderState } from './order-fills.ts';
import { resolveOrder } from './resolve-order.ts';

/** An unfinished order and what became of it. */
export interface SettledOrder extends OrderState {
  /** Whether its time was over, so that no run of its own looked after it any more. */
  readonly overdue: boolean;
}

/**
 * Takes every unfinished order of the account a step towards its end. One that cannot be settled keeps no other from
 * being settled.
 *
 * @throws the first failure, once all have had their turn
 */
export async function settleOrders(deps: TradingDependencies, account: string): Promise<readonly SettledOrder[]> {
  const settled: SettledOrder[] = [];
  const failures: unknown[] = [];
  for (const order of await findUnfinishedOrders(deps.db, account)) {
    try {
      const overdue = marketTime(deps.clock) >= order.deadline.getTime();
      settled.push({ ...(await resolveOrder(deps, order)), overdue });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return settled;
}
