import type { Transaction } from 'kysely';
import { timeframeMs } from '../../config/timeframe.ts';
import { readWindow } from '../../db/candle-window.ts';
import { type Decision, findDecision, insertDecision } from '../../db/decisions.ts';
import { insertEquityPoint } from '../../db/equity-curve.ts';
import { lockMarketAccount, startTrading } from '../../db/market-accounts.ts';
import { findUnfinishedOrder, insertIntendedOrder, readOrder } from '../../db/orders.ts';
import { readWeightsInForce } from '../../db/promotions.ts';
import type { Database } from '../../db/schema.ts';
import { readTradingState } from '../../db/trading-state.ts';
import type { OrderRequest } from '../../exchange/port.ts';
import { WINDOW_BARS } from '../../strategy/bar-window.ts';
import type { DecimalText } from '../../strategy/candle.ts';
import { withThreshold } from '../../strategy/ensemble.ts';
import { orderIdentifier } from '../../strategy/order-identifier.ts';
import type { SizingParameters } from '../../strategy/sizing.ts';
import { orderDeadline, settleBy } from '../../strategy/trading-clock.ts';
import type { TradedMarket, TradingDependencies } from './dependencies.ts';
import { judge } from './judge.ts';

/** Wall time kept free between an order's deadline and the next run. */
const CLEARANCE_MS = 300;

/** What was decided about one candle, and the order that follows from it. */
export interface DecisionMade {
  readonly kind: 'decided';
  /** Open of the candle, UTC epoch milliseconds of market time. */
  readonly candle: number;
  readonly action: Decision['action'];
  readonly reason: string;
  /** Identifier of the order to place; null when none is to be. */
  readonly order: string | null;
  /** Until when that order may rest, market time. */
  readonly deadline: number;
  /** Until when its end may be waited for, market time: a little before the next run starts. */
  readonly settleBy: number;
}

/**
 * Decides once about a closed candle, in one transaction: the decision, and with it the order and the money reserved
 * for it, or nothing. Whoever comes again gets what is recorded.
 *
 * @param exchangeFreeKrw what the exchange says can be ordered with, all markets together
 */
export async function decideOnce(
  deps: Pick<TradingDependencies, 'db' | 'botId' | 'intervalMs' | 'leadMs' | 'rules'>,
  { account, market, timeframe }: TradedMarket,
  candle: number,
  exchangeFreeKrw: DecimalText,
): Promise<DecisionMade> {
  const length = timeframeMs(timeframe);
  const pace = length / deps.intervalMs;
  const timing = { length, lead: deps.leadMs * pace };
  const deadline = orderDeadline(candle, timing, CLEARANCE_MS * pace);
  const times = { candle, deadline, settleBy: settleBy(candle, timing) };
  const identifierOf = (leg: 'entry' | 'exit') => orderIdentifier({ botId: deps.botId, market, candle, leg });
  const key = { account, market, timeframe, candle, trigger: 'candle' };
  const { threshold } = deps.rules;
  // Looked at once: what the order is sized with and what is reserved for it must be the same exchange's word.
  const fees = deps.rules.fees.of(market);
  const sizing: SizingParameters = { ...deps.rules.sizing, feeRate: fees.sizing };

  return deps.db.transaction().execute(async (trx) => {
    const owned = await lockMarketAccount(trx, account, market);
    const recorded = await findDecision(trx, key);
    if (recorded !== undefined) return alreadyDecided(trx, recorded, times, identifierOf);

    if (owned.tradingSince === undefined) await startTrading(trx, account, market, candle);
    const window = await readWindow(trx, market, timeframe, candle, WINDOW_BARS);
    const unfinished = await findUnfinishedOrder(trx, account, market);
    const inForce = await readWeightsInForce(trx, { account, market, timeframe });
    const ensemble = threshold === undefined ? inForce.ensemble : withThreshold(inForce.ensemble, threshold);
    const judged = judge({
      // As it is now; an order that is halted after this stays unsent (`beginSending` looks again).
      trading: await readTradingState(trx, account),
      market,
      timeframe,
      window,
      owned,
      unfinished,
      ensemble,
      threshold,
      exchangeFreeKrw,
      sizing,
    });
    const { action, reason, vote, order } = judged;
    const { decision, inserted } = await insertDecision(trx, {
      ...{ ...key, action, reason, vote },
      optimizerResult: vote === null ? null : inForce.result,
    });
    // Somebody wrote it `stale` since we looked: that is what was decided.
    if (!inserted) return alreadyDecided(trx, decision, times, identifierOf);

    const { cash, quantity } = owned.holdings;
    const price = window.candles.at(-1)?.close;
    if (price !== undefined) {
      await insertEquityPoint(trx, { account, market, at: candle + length, cash, quantity, price });
    }
    const made = { kind: 'decided', ...times, action, reason } as const;
    if (order === null) return { ...made, order: null };
    const leg = order.side === 'buy' ? 'entry' : 'exit';
    const side = order.side === 'buy' ? 'bid' : 'ask';
    const identifier = identifierOf(leg);
    const request: OrderRequest = { market, identifier, type: 'limit', side, price: order.price, volume: order.volume };
    await insertIntendedOrder(trx, {
      ...{ account, identifier, market, leg, side, price: order.price },
      quantity: order.volume,
      feeRate: fees[side],
      request: { ...request },
      deadline: times.deadline,
      decision: decision.id,
    });
    return { ...made, order: identifier };
  });
}

async function alreadyDecided(
  trx: Transaction<Database>,
  recorded: Decision,
  times: Pick<DecisionMade, 'candle' | 'deadline' | 'settleBy'>,
  identifierOf: (leg: 'entry' | 'exit') => string,
): Promise<DecisionMade> {
  const leg = recorded.action === 'buy' ? 'entry' : 'exit';
  const order = await readOrder(trx, identifierOf(leg));
  return {
    kind: 'decided',
    ...times,
    action: recorded.action,
    reason: recorded.reason,
    order: order?.identifier ?? null,
  };
}
