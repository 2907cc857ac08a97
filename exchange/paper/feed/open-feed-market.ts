import { join } from 'node:path';
import type { Market } from '../../../config/market.ts';
import { openFaults } from '../faults/open-faults.ts';
import { openMarketClock } from '../market-clock.ts';
import type { OpenMarket, OpenMarketOptions } from '../open-market.ts';
import { bindFolder, bindingOf } from '../state/binding.ts';
import { openLedgerStore } from '../state/ledger-store.ts';
import { candleTape } from './candle-tape.ts';
import { feedQuotes } from './feed-quotes.ts';
import type { CandleSource } from './minute-candle.ts';
import { feedStart } from './open-feed.ts';

interface FeedMarketOptions extends OpenMarketOptions {
  readonly feed: 'simulated' | 'replay';
  readonly replayFiles: readonly string[];
  readonly sources: ReadonlyMap<Market, CandleSource>;
  /** Whether faults can be asked for. */
  readonly hasFaults: boolean;
  /** Wall time, epoch ms. */
  readonly wallClock: () => number;
}

/** Prices that are a function of time: simulated, or replayed from files. @throws {UserError} for another's folder */
export function openFeedMarket(options: FeedMarketOptions): OpenMarket {
  const { feed, sources, seed, speed, book, stateDir, wallClock, log } = options;
  const origin = feedStart(sources);
  const files = feed === 'replay' ? options.replayFiles : [];
  bindFolder(stateDir, bindingOf({ feed, seed, book }, files));
  const clock = openMarketClock({ path: join(stateDir, 'clock.json'), speed, wallClock, origin });
  const store = openLedgerStore(stateDir, log, { retirement: options.retirement });
  const faults = options.hasFaults
    ? openFaults({ folder: stateDir, sources, store, speed, now: clock.now, wallClock, log })
    : undefined;
  const traded = faults?.traded ?? sources;
  return {
    clock,
    tape: candleTape(traded),
    store: faults?.store ?? store,
    quotes: (books) => feedQuotes({ traded, listed: faults?.listed ?? sources, books, now: clock.now }),
    faults,
    begin: () => {},
    close: async () => {},
  };
}
