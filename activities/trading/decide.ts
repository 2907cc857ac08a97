import { createHash } from 'node:crypto';
import { Decimal } from 'decimal.js';
import type { Transaction } from 'kysely';
import { timeframeMs } from '../../config/timeframe.ts';
import { readWindow } from '../../db/candle-window.ts';
import { type Decision, findDecision, insertDecision } from '../../db/decisions.ts';
import { insertEquityPoint } from '../../db/equity-curve.ts';
import { lockMarketAccount, type MarketAccount, startTrading } from '../../db/market-accounts.ts';
import { findUnfinishedOrder, insertIntendedOrder, readOrder } from '../../db/orders.ts';
import type { Database } from '../../db/schema.ts';
import type { OrderRequest } from '../../exchange/port.ts';
import { BarWindow, WINDOW_BARS } from '../../strategy/bar-window.ts';
import type { Candle, DecimalText } from '../../strategy/candle.ts';
import { decide as vote } from '../../strategy/decide.ts';
import { decisionInput } from '../../strategy/decision-input.ts';
import { DEFAULT_ENSEMBLE, withThreshold } from '../../strategy/ensemble.ts';
import { orderIdentifier } from '../../strategy/order-identifier.ts';
import { type SizingParameters, sizeBuy, sizeSell } from '../../strategy/sizing.ts';
import { orderDeadline } from '../../strategy/trading-clock.ts';
import type { TradedMarket, TradingDependencies } from './dependencies.ts';

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
  const deadline = orderDeadline(candle, { length, lead: deps.leadMs * pace }, CLEARANCE_MS * pace);
  const identifierOf = (leg: 'entry' | 'exit') => orderIdentifier({ botId: deps.botId, market, candle, leg });
  const key = { account, market, timeframe, candle, trigger: 'candle' };
  const { threshold } = deps.rules;
  const ensemble = threshold === undefined ? DEFAULT_ENSEMBLE : withThreshold(DEFAULT_ENSEMBLE, threshold);
  // Looked at once: what the order is sized with and what is reserved for it must be the same exchange's word.
  const fees = deps.rules.fees.of(market);
  const sizing: SizingParameters = { ...deps.rules.sizing, feeRate: fees.sizing };

  return deps.db.transaction().execute(async (trx) => {
    const owned = await lockMarketAccount(trx, account, market);
    const recorded = await findDecision(trx, key);
    if (recorded !== undefined) return alreadyDecided(trx, recorded, candle, deadline, identifierOf);

    if (owned.tradingSince === undefined) await startTrading(trx, account, market, candle);
    const { candles, spanned } = await readWindow(trx, market, timeframe, candle, WINDOW_BARS);
    const made = (action: Decision['action'], reason: string, order: string | null): DecisionMade => {
      return { kind: 'decided', candle, action, reason, order, deadline };
    };
    if (!spanned) {
      const reason = 'gap: not every minute of the window has been collected';
      await insertDecision(trx, { ...key, action: 'blocked', reason, vote: null });
      return made('blocked', reason, null);
    }
    const newest = candles.at(-1) as Candle;
    const position = { quantity: owned.holdings.quantity, averageCost: owned.averageCost };
    const said = vote(BarWindow.endingWith(candles), position, ensemble);
    if (said.kind === 'no-decision') {
      await insertDecision(trx, { ...key, action: 'blocked', reason: said.reason, vote: null });
      return made('blocked', said.reason, null);
    }

    const input = decisionInput({ market, timeframe, bars: candles, position, ensemble });
    const because = threshold === undefined ? said.reason : `${said.reason}; threshold set by THRESHOLD`;
    const unfinished = await findUnfinishedOrder(trx, account, market);
    const wish = orderFor(said.action, newest.close, owned, exchangeFreeKrw, sizing);
    const blocked = unfinished !== undefined && wish.order !== null;
    const action = blocked ? 'blocked' : said.action;
    const reason = blocked
      ? `${because}; order ${unfinished.identifier} is still ${unfinished.status}`
      : `${because}${wish.why}`;
    const { decision } = await insertDecision(trx, {
      ...key,
      action,
      reason,
      vote: { ...said, inputHash: createHash('sha256').update(input).digest('hex') },
    });
    await insertEquityPoint(trx, {
      account,
      market,
      at: candle + length,
      cash: owned.holdings.cash,
      quantity: owned.holdings.quantity,
      price: newest.close,
    });
    if (wish.order === null || blocked) return made(action, reason, null);

    const leg = wish.order.side === 'buy' ? 'entry' : 'exit';
    const side = wish.order.side === 'buy' ? 'bid' : 'ask';
    const { price, volume } = wish.order;
    const identifier = identifierOf(leg);
    const request: OrderRequest = { market, identifier, type: 'limit', side, price, volume };
    await insertIntendedOrder(trx, {
      ...{ account, identifier, market, leg, side, price },
      quantity: volume,
      feeRate: fees[side],
      request: { ...request },
      deadline,
      decision: decision.id,
    });
    return made(action, reason, identifier);
  });
}

async function alreadyDecided(
  trx: Transaction<Database>,
  recorded: Decision,
  candle: number,
  deadline: number,
  identifierOf: (leg: 'entry' | 'exit') => string,
): Promise<DecisionMade> {
  const leg = recorded.action === 'buy' ? 'entry' : 'exit';
  const order = await readOrder(trx, identifierOf(leg));
  return {
    kind: 'decided',
    candle,
    action: recorded.action,
    reason: recorded.reason,
    order: order?.identifier ?? null,
    deadline,
  };
}

/** The order an action asks for. The wish stands in the decision even when money does not allow it; `why` says so. */
function orderFor(
  action: 'buy' | 'sell' | 'hold',
  close: DecimalText,
  owned: MarketAccount,
  exchangeFreeKrw: DecimalText,
  sizing: SizingParameters,
) {
  if (action === 'hold') return { order: null, why: '' };
  const sized =
    action === 'buy'
      ? sizeBuy(close, Decimal.min(owned.free.cash, exchangeFreeKrw).toFixed(), sizing)
      : sizeSell(close, owned.free.quantity, sizing);
  return sized.kind === 'order' ? { order: sized, why: '' } : { order: null, why: `; no order: ${sized.reason}` };
}
