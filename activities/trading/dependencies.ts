import type { Market } from '../../config/market.ts';
import type { Timeframe } from '../../config/timeframe.ts';
import type { CandleListener } from '../../db/candle-listener.ts';
import type { Db } from '../../db/connect.ts';
import type { ExchangeClock } from '../../exchange/exchange-clock.ts';
import type { TradingExchange } from '../../exchange/port.ts';
import type { BotId } from '../../strategy/order-identifier.ts';

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
}

/** Whose trading of which market. */
export interface TradedMarket {
  readonly account: string;
  readonly market: Market;
  readonly timeframe: Timeframe;
}

/** Market time now. @throws when the exchange has not answered anything yet; worth another try */
export function marketTime(clock: ExchangeClock): number {
  const now = clock.now();
  if (now === undefined) throw new Error('the exchange has not told its time yet');
  return now;
}
