import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { Market } from '../../../config/market.ts';
import type { History } from '../feed/history.ts';
import type { RateGroup } from '../rate-limit.ts';
import { candleRoutes } from './candles.ts';
import { marketRoutes } from './markets.ts';
import { tickerRoutes } from './ticker.ts';
import { tradeRoutes } from './trades.ts';

export interface QuotedFeeds {
  /** The market as it really was. */
  readonly traded: ReadonlyMap<Market, History>;
  /** What the candle lists show of it. */
  readonly listed: ReadonlyMap<Market, History>;
}

/** The public part: no key needed, everything seen at the request's market time. */
export function quotationRoutes(
  app: FastifyInstance,
  { traded, listed }: QuotedFeeds,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  marketRoutes(app, traded, limit);
  candleRoutes(app, listed, limit);
  tickerRoutes(app, traded, limit);
  tradeRoutes(app, traded, limit);
}
