import { isRefusal } from '../../db/ledger-errors.ts';
import type { Order } from '../../db/orders.ts';
import { pause } from '../pause.ts';
import type { OrderState } from './order-fills.ts';
import { type ResolveDependencies, resolveOrder } from './resolve-order.ts';

/** What the exchange shows is looked at again so much later, wall time: its answers may be of two moments for an instant. */
const LOOK_AGAIN_AFTER_MS = 200;

/** An order taken a step towards its end, or why the ledger refuses what the exchange shows of it. */
export type Resolved = { readonly state: OrderState } | { readonly contradiction: string };

/** `resolveOrder`, where one odd answer is no contradiction: only what a second look shows too. */
export async function resolveSurely(deps: ResolveDependencies, order: Order): Promise<Resolved> {
  const first = await resolveOnce(deps, order);
  if ('state' in first) return first;
  await pause(LOOK_AGAIN_AFTER_MS);
  return resolveOnce(deps, order);
}

async function resolveOnce(deps: ResolveDependencies, order: Order): Promise<Resolved> {
  try {
    return { state: await resolveOrder(deps, order) };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { contradiction: error.message };
  }
}
