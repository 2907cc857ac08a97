import { giveUpSending, markExpired, readDatabaseClock } from '../../db/order-outcomes.ts';
import type { Order } from '../../db/orders.ts';
import { marketTime, type TradingDependencies } from './dependencies.ts';
import { lookAtOrder, type OrderState, readOrderState } from './order-fills.ts';

/** What resolving an order stands on. */
export type ResolveDependencies = Pick<TradingDependencies, 'db' | 'exchange' | 'clock'>;

/** How long after the last request an order that is not found may still appear: POST time-out 3 s and 2 s more, wall time. */
const SETTLE_MS = 5_000;
/** An order that was never found is given up after a day of market time. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;

/**
 * Takes an order one step towards its end: expires what was never sent in time, looks up what may have been sent,
 * cancels at the exchange what rests there past its deadline, books fills. Calling it again goes on from there.
 *
 * A late find while another order of its market is in flight is cancelled at once and recorded by a later call, when
 * that other order has ended.
 *
 * @param due `now`, only while trading is halted: nobody sends it any more, and it need not wait for its deadline
 */
export async function resolveOrder(
  deps: ResolveDependencies,
  order: Order,
  due: 'at-deadline' | 'now' = 'at-deadline',
): Promise<OrderState> {
  const { db, exchange, clock } = deps;
  const { identifier } = order;
  const isDue = due === 'now' || marketTime(clock) >= order.deadline.getTime();
  if (order.status === 'intended') {
    const why = due === 'now' ? 'trading was halted before it was sent' : 'its deadline passed before it was sent';
    if (isDue) await markExpired(db, identifier, why);
    return readOrderState(db, identifier);
  }
  // Before it is asked for: an order that appears while the answer is on its way, or while this process stands still, must
  // not be given up because of an answer from before (found by the simulator: docs/simulation.md).
  const lookedUpAt = isDue && order.status === 'sending' ? await readDatabaseClock(db) : undefined;
  const look = await lookAtOrder(deps, identifier);
  if (look === undefined) {
    if (isDue) await giveUp(deps, order, lookedUpAt);
    return readOrderState(db, identifier);
  }
  if (!look.resting || (look.state.status === 'open' && !isDue)) return look.state;
  // The answer is only an acceptance; what was filled until then is in the look after it.
  await exchange.cancelOrder({ identifier });
  return (await lookAtOrder(deps, identifier))?.state ?? look.state;
}

/**
 * The exchange does not know it now, and that is believed only when nothing can still be on its way there: past its
 * deadline, or halted, nobody sends it again, and what was sent has had its time to arrive.
 */
async function giveUp(
  { db, clock }: ResolveDependencies,
  { identifier, status, deadline }: Order,
  lookedUpAt: Date | undefined,
): Promise<void> {
  if (status === 'sending') await giveUpSending(db, identifier, SETTLE_MS, lookedUpAt);
  if (status === 'unknown' && marketTime(clock) - deadline.getTime() >= GIVE_UP_AFTER_MS) {
    await markExpired(db, identifier, 'not found for a day');
  }
}
