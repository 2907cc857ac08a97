import type { Market } from '../../config/market.ts';
import type { Timeframe } from '../../config/timeframe.ts';
import type { CandleListener } from '../../db/candle-listener.ts';
import type { Db } from '../../db/connect.ts';
import type { ExchangeClock } from '../../exchange/exchange-clock.ts';
import type { TradingExchange } from '../../exchange/port.ts';
import type { DecimalText } from '../../strategy/candle.ts';
import type { BotId } from '../../strategy/order-identifier.ts';
import type { SizingParameters } from '../../strategy/sizing.ts';
import type { OrderNews } from '../news/order-news.ts';
import type { FeeRates } from './fee-rates.ts';

/** What the activities of the `trader` queue stand on. */
export interface TradingDependencies {
  readonly db: Db;
  readonly exchange: TradingExchange;
  readonly clock: ExchangeClock;
  readonly candles: CandleListener;
  readonly botId: BotId;
  /** Wall milliseconds a candle takes. */
  readonly intervalMs: number;
  /** How much before the close runs start, wall milliseconds. */
  readonly leadMs: number;
  readonly rules: TradingRules;
  /** What the exchange tells of orders by itself; left out, it is asked alone. */
  readonly orderNews?: OrderNews | undefined;
}

/** What the owner and the exchange say about how to trade. */
export interface TradingRules {
  /** Wins over the threshold that goes with the weights; undefined where the owner set none. */
  readonly threshold: DecimalText | undefined;
  readonly sizing: Pick<SizingParameters, 'aggressiveness' | 'feeBuffer'>;
  readonly fees: FeeRates;
}

/** Whose trading of which market. */
export interface TradedMarket {
  readonly account: string;
  readonly market: Market;
  readonly timeframe: Timeframe;
}

/** What asking for the time stands on. */
export interface TimeAsking {
  readonly clock: ExchangeClock;
  readonly exchange: Pick<TradingExchange, 'fetchBalances'>;
}

/**
 * Asks the exchange anything when its clock may be far behind here, as after a night in which the machine slept; the answer
 * tells the time. A wall clock that was set costs the same one look, and changes nothing.
 */
export async function askTimeIfDoubtful({ clock, exchange }: TimeAsking): Promise<void> {
  if (clock.isDoubtful()) await exchange.fetchBalances();
}

/** Market time now. @throws when the exchange has not answered anything yet; worth another try */
export function marketTime(clock: ExchangeClock): number {
  const now = clock.now();
  if (now === undefined) throw new Error('the exchange has not told its time yet');
  return now;
}
