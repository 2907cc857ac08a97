import type { Market } from '../../config/market.ts';
import type { Print } from '../matching/book/background.ts';
import type { LedgerEvent } from '../matching/events.ts';
import type { Order } from '../matching/order.ts';

/** Waiting orders, by market. */
export type OpenOrders = ReadonlyMap<Market, ReadonlyMap<string, Order>>;

/** The trades of the markets, as orders meet them. All times are epoch ms of market time. */
export interface Tape {
  readonly markets: ReadonlySet<Market>;
  /**
   * The trades after `from` up to `to` that can matter to a resting order, those that belong together at once, in the
   * order in which they happened. They count as told when the next ones are asked for.
   */
  untold(open: OpenOrders, from: number, to: number): Iterable<readonly Print[]>;
  /** The newest trade at `now`, with the book it left where one is told. @throws {ExchangeError} as `requireKnown` */
  last(market: Market, now: number): Print;
  /** Whether `last` has something to tell. */
  hasPrice(market: Market): boolean;
  /** @throws {ExchangeError} while nobody here knows what a market did until now: then nothing may depend on it. */
  requireKnown(market: Market): void;
  /**
   * The trades up to which each of these markets was told; none in a feed that is a function of time, where a restart
   * knows as much from the clock.
   */
  told(markets: Iterable<Market>): readonly Print[];
}

/** What tells a restart that these were told; nothing of trades that are a function of time. */
export function followedEvents(prints: readonly Print[]): LedgerEvent[] {
  return prints.flatMap(({ market, at, id }): LedgerEvent[] =>
    id === undefined ? [] : [{ type: 'followed', market, at, id }],
  );
}
