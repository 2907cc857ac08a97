import type { Market } from '../../../config/market.ts';
import { UserError } from '../../../config/user-error.ts';
import type { CandleSource } from './minute-candle.ts';
import { loadReplayFile } from './replay-file.ts';
import { requireMarket } from './replay-market.ts';
import { simulatedSource } from './simulated-source.ts';

/** Candles that have closed when a new exchange opens: a full window for strategies that look at 200. */
const CANDLES_AT_START = 200;

export interface FeedOptions {
  readonly feed: 'simulated' | 'replay';
  readonly replayFiles?: readonly string[] | undefined;
  readonly markets: readonly Market[];
  readonly seed: number;
}

/**
 * The candle source of every market.
 *
 * @throws {UserError} when a file cannot be read or a market has none.
 */
export function openFeed({ feed, replayFiles = [], markets, seed }: FeedOptions): Map<Market, CandleSource> {
  if (markets.length === 0) throw new UserError('the paper exchange needs at least one market', 2);
  if (feed === 'simulated') return new Map(markets.map((market) => [market, simulatedSource(market, seed)]));
  if (replayFiles.length === 0) throw new UserError('a replay needs at least one candle file', 2);

  // A file that names no market can only be meant for the one that was asked for.
  const override = markets.length === 1 ? markets[0] : undefined;
  const filesByMarket = Map.groupBy(replayFiles, (path) => requireMarket(path, override));
  return new Map(
    markets.map((market) => {
      const [first, ...more] = filesByMarket.get(market) ?? [];
      if (first === undefined) {
        const held = [...filesByMarket.keys()].join(', ');
        throw new UserError(`no replay file holds market ${market}; the files hold ${held}`, 2);
      }
      return [market, loadReplayFile(first, ...more)];
    }),
  );
}

/**
 * When a new exchange opens (epoch ms): as soon as every market has {@link CANDLES_AT_START} closed candles.
 *
 * @throws {UserError} when a market's files hold too few.
 */
export function feedStart(sources: ReadonlyMap<Market, CandleSource>): number {
  const starts = [...sources].map(([market, source]) => {
    const start = source.closedCountReachedAt(CANDLES_AT_START);
    if (start === undefined || source.end <= start) {
      throw new UserError(
        `the candle files of ${market} hold too few candles: at least ${CANDLES_AT_START + 1} are needed`,
      );
    }
    return start;
  });
  return Math.max(...starts);
}
