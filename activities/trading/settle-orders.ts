import { findUnfinishedOrders, type Order } from '../../db/orders.ts';
import { marketTime, type TradingDependencies } from './dependencies.ts';
import { type OrderState, readOrderState } from './order-fills.ts';
import { resolveSurely } from './second-look.ts';

/** An unfinished order and what became of it. */
export interface SettledOrder extends OrderState {
  /** Whether its time was over, so that no run of its own looked after it any more. */
  readonly overdue: boolean;
  /** Why the ledger refuses to book what the exchange shows of it, its time being over; absent where it does not. */
  readonly contradiction?: string;
}

/**
 * Takes every unfinished order of the account a step towards its end. One that cannot be settled keeps no other from
 * being settled. One that contradicts the ledger will do so at every run: it is left as it is, and told of once its
 * time is over, because until then its own run looks again and again.
 *
 * @throws the first failure, once all have had their turn
 */
export async function settleOrders(deps: TradingDependencies, account: string): Promise<readonly SettledOrder[]> {
  const settled: SettledOrder[] = [];
  const failures: unknown[] = [];
  for (const order of await findUnfinishedOrders(deps.db, account)) {
    try {
      settled.push(await settleOrder(deps, order));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return settled;
}

async function settleOrder(deps: TradingDependencies, order: Order): Promise<SettledOrder> {
  const overdue = marketTime(deps.clock) >= order.deadline.getTime();
  const resolved = await resolveSurely(deps, order);
  if ('state' in resolved) return { ...resolved.state, overdue };
  return { ...(await readOrderState(deps.db, order.identifier)), overdue, ...(overdue ? resolved : {}) };
}
