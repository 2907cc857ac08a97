import { Decimal } from 'decimal.js';
import { recordAccepted } from '../../db/order-outcomes.ts';
import { type Order, requireOrder } from '../../db/orders.ts';
import { type FillReport, recordFills } from '../../db/trades.ts';
import type { ExchangeOrder } from '../../exchange/port.ts';
import { isUnfinished } from '../../strategy/order-states.ts';
import { marketTime, type TradingDependencies } from './dependencies.ts';

/** Where an order of the ledger stands. */
export interface OrderState {
  readonly identifier: string;
  readonly status: Order['status'];
  readonly side: Order['side'];
  /** Coins. */
  readonly executedQuantity: string;
  /** Whether any of it was executed. */
  readonly executed: boolean;
  /** Whether nothing more will happen to it. */
  readonly final: boolean;
}

/** One look at an order at the exchange, booked. */
export interface OrderLook {
  readonly state: OrderState;
  /** Whether it still rests there and may trade on, whatever the ledger calls it. */
  readonly resting: boolean;
}

/** Asks the exchange for the order once and books what is new. Undefined when the exchange does not know it. */
export async function pollOnce(
  deps: Pick<TradingDependencies, 'db' | 'exchange' | 'clock'>,
  identifier: string,
): Promise<OrderState | undefined> {
  return (await lookAtOrder(deps, identifier))?.state;
}

/**
 * The same, with what the exchange shows. An order found late while another one of its market is in flight stays what
 * it was in the ledger: a market has one at a time.
 */
export async function lookAtOrder(
  { db, exchange, clock }: Pick<TradingDependencies, 'db' | 'exchange' | 'clock'>,
  identifier: string,
): Promise<OrderLook | undefined> {
  const shown = await exchange.fetchOrder({ identifier });
  if (shown === undefined) return undefined;
  const resting = !hasEnded(shown);
  const accepted = await recordAccepted(db, identifier, shown.exchangeOrderId);
  if (accepted.kind === 'market-busy') return { state: stateOf(accepted.order), resting };
  const { order } = await recordFills(
    db,
    identifier,
    fillReport(shown, accepted.order, () => marketTime(clock)),
  );
  return { state: stateOf(order), resting };
}

/** Whether nothing more can happen to it at the exchange. */
export function hasEnded({ state }: Pick<ExchangeOrder, 'state'>): boolean {
  return state === 'done' || state === 'cancel';
}

/**
 * What the exchange shows, as the ledger takes it. Judged by executed quantity and not by Upbit's state word: an order
 * that filled whole may end in `cancel`.
 *
 * @param now market time, for a fill the exchange gives no time for
 */
function fillReport(shown: ExchangeOrder, order: Pick<Order, 'quantity'>, now: () => number): FillReport {
  const whole = new Decimal(shown.executedVolume).eq(order.quantity);
  return {
    fills: shown.fills.map((fill) => ({
      exchangeTradeId: fill.exchangeTradeId,
      price: fill.price,
      quantity: fill.volume,
      funds: fill.funds,
      executedAt: fill.executedAt ?? now(),
    })),
    executedQuantity: shown.executedVolume,
    paidFee: shown.paidFee,
    final: hasEnded(shown) ? (whole ? 'filled' : 'canceled') : null,
  };
}

export async function readOrderState(db: TradingDependencies['db'], identifier: string): Promise<OrderState> {
  return stateOf(await requireOrder(db, identifier));
}

function stateOf(order: Order): OrderState {
  return {
    identifier: order.identifier,
    status: order.status,
    side: order.side,
    executedQuantity: order.executed_quantity,
    executed: new Decimal(order.executed_quantity).gt(0),
    final: !isUnfinished(order.status),
  };
}
