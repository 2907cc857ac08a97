import { Decimal } from 'decimal.js';
import { recordAccepted } from '../../db/order-outcomes.ts';
import { type Order, requireOrder } from '../../db/orders.ts';
import { type FillReport, recordFills } from '../../db/trades.ts';
import type { ExchangeOrder } from '../../exchange/port.ts';
import { isUnfinished } from '../../strategy/order-states.ts';
import type { TradingDependencies } from './dependencies.ts';

/** Where an order of the ledger stands. */
export interface OrderState {
  readonly identifier: string;
  readonly status: Order['status'];
  readonly side: Order['side'];
  /** Coins. */
  readonly executedQuantity: string;
  /** Whether nothing more will happen to it. */
  readonly final: boolean;
}

/** Asks the exchange for the order once and books what is new. Undefined when the exchange does not know it. */
export async function pollOnce(
  { db, exchange, clock }: Pick<TradingDependencies, 'db' | 'exchange' | 'clock'>,
  identifier: string,
): Promise<OrderState | undefined> {
  const shown = await exchange.fetchOrder({ identifier });
  if (shown === undefined) return undefined;
  const accepted = await recordAccepted(db, identifier, shown.exchangeOrderId);
  if (accepted.kind === 'market-busy') return stateOf(accepted.order);
  const { order } = await recordFills(db, identifier, fillReport(shown, accepted.order, clock.now() ?? Date.now()));
  return stateOf(order);
}

/**
 * What the exchange shows, as the ledger takes it. Judged by executed quantity and not by Upbit's state word: an order
 * that filled whole may end in `cancel`.
 */
function fillReport(shown: ExchangeOrder, order: Pick<Order, 'quantity'>, now: number): FillReport {
  const ended = shown.state === 'done' || shown.state === 'cancel';
  const whole = new Decimal(shown.executedVolume).eq(order.quantity);
  return {
    fills: shown.fills.map((fill) => ({
      exchangeTradeId: fill.exchangeTradeId,
      price: fill.price,
      quantity: fill.volume,
      funds: fill.funds,
      executedAt: fill.executedAt ?? now,
    })),
    executedQuantity: shown.executedVolume,
    paidFee: shown.paidFee,
    final: ended ? (whole ? 'filled' : 'canceled') : null,
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
    final: !isUnfinished(order.status),
  };
}
