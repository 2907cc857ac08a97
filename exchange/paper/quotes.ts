import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { Market } from '../../config/market.ts';
import type { RateGroup } from './rate-limit.ts';
import type { QuoteTopic } from './stream/quote-topics.ts';
import type { Subscription } from './stream/request.ts';

/** Lets a request through, or refuses it for being one too many of its group. */
export type Limit = (group: RateGroup) => onRequestHookHandler;

/** What an exchange shows without a key. */
export interface Quotes {
  /** Declares the REST routes. */
  serve(app: FastifyInstance, limit: Limit): void;
  /** Gets ready, while others are served, for what is asked for. */
  prepare(subscriptions: readonly Subscription[]): Promise<void>;
  /**
   * One type of data of a market that is traded here, as the stream tells it.
   *
   * @param type `ticker`, `trade`, `orderbook.*` or `candle.*`
   * @param now epoch ms of market time
   */
  topic(type: string, market: Market, now: number): QuoteTopic;
}
