import { createHash } from 'node:crypto';
import { Decimal } from 'decimal.js';
import type { StoredWindow } from '../../db/candle-window.ts';
import type { NewDecision } from '../../db/decisions.ts';
import type { MarketAccount } from '../../db/market-accounts.ts';
import type { Order } from '../../db/orders.ts';
import { maySend, type TradingState } from '../../db/trading-state.ts';
import { BarWindow } from '../../strategy/bar-window.ts';
import type { Candle, DecimalText } from '../../strategy/candle.ts';
import { decide as vote } from '../../strategy/decide.ts';
import { decisionInput } from '../../strategy/decision-input.ts';
import type { Ensemble } from '../../strategy/ensemble.ts';
import { type SizedOrder, type Sizing, type SizingParameters, sizeBuy, sizeSell } from '../../strategy/sizing.ts';
import type { TradedMarket } from './dependencies.ts';

interface Circumstances extends Pick<TradedMarket, 'market' | 'timeframe'> {
  readonly window: StoredWindow;
  readonly owned: MarketAccount;
  /** The market's order that is not at its end. */
  readonly unfinished: Order | undefined;
  readonly ensemble: Ensemble;
  readonly trading: Pick<TradingState, 'state' | 'reason'>;
  /** Where the owner set it; it is in the ensemble too. */
  readonly threshold: DecimalText | undefined;
  readonly exchangeFreeKrw: DecimalText;
  readonly sizing: SizingParameters;
}

interface Judgement extends Pick<NewDecision, 'action' | 'reason' | 'vote'> {
  readonly order: SizedOrder | null;
}

/** What to do about the last candle of the window, and why. */
export function judge({ window, owned, unfinished, ensemble, threshold, ...rest }: Circumstances): Judgement {
  const { candles, spanned } = window;
  const blocked = (reason: string): Judgement => ({ action: 'blocked', reason, vote: null, order: null });
  if (!spanned) return blocked('gap: not every minute of the window has been collected');
  const position = { quantity: owned.holdings.quantity, averageCost: owned.averageCost };
  const said = vote(BarWindow.endingWith(candles), position, ensemble);
  if (said.kind === 'no-decision') return blocked(said.reason);

  const { market, timeframe, trading, exchangeFreeKrw, sizing } = rest;
  const input = decisionInput({ market, timeframe, bars: candles, position, ensemble });
  const cast = { ...said, inputHash: createHash('sha256').update(input).digest('hex') };
  const because = threshold === undefined ? said.reason : `${said.reason}; threshold set by THRESHOLD`;
  if (said.action === 'hold') return { action: 'hold', reason: because, vote: cast, order: null };
  if (unfinished !== undefined) {
    const reason = `${because}; order ${unfinished.identifier} is still ${unfinished.status}`;
    return { action: 'blocked', reason, vote: cast, order: null };
  }
  if (!maySend(trading.state, said.action === 'buy' ? 'bid' : 'ask')) {
    const why = trading.reason === null ? '' : `: ${trading.reason}`;
    return { action: 'blocked', reason: `${because}; trading is ${trading.state}${why}`, vote: cast, order: null };
  }
  const { close } = candles.at(-1) as Candle;
  const sized =
    said.action === 'buy' ? buy(close, owned, exchangeFreeKrw, sizing) : sizeSell(close, owned.free.quantity, sizing);
  // The wish stands in the decision even when money does not allow it; the reason says so.
  return sized.kind === 'order'
    ? { action: said.action, reason: because, vote: cast, order: sized }
    : { action: said.action, reason: `${because}; no order: ${sized.reason}`, vote: cast, order: null };
}

function buy(
  close: DecimalText,
  { free }: MarketAccount,
  exchangeFreeKrw: DecimalText,
  sizing: SizingParameters,
): Sizing {
  if (new Decimal(exchangeFreeKrw).isZero() && new Decimal(free.cash).gt(0)) {
    return { kind: 'none', reason: 'the exchange shows no free KRW, or could not be asked in time' };
  }
  return sizeBuy(close, Decimal.min(free.cash, exchangeFreeKrw).toFixed(), sizing);
}
