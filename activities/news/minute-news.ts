import type { Market } from '../../config/market.ts';
import type { StreamStanding } from '../../db/stream-reports.ts';
import type { LiveMarkets } from '../../exchange/live-port.ts';
import { watchLine } from './line-watch.ts';
import { createWakeUps, DEAF, type Listener } from './wake-ups.ts';

/** Who waits for a minute of a market to be over, and then for what was traded in it. */
export interface MinuteListener extends Listener {
  /**
   * Whether a trade of the minute that opens at `close` (market time) has shown that the one before is over. One of any
   * other minute shows nothing: it would be of a time that cannot be.
   */
  justClosed(close: number): boolean;
}

/** What an exchange tells of the minutes of its markets. */
export interface MinuteNews {
  listen(market: Market): MinuteListener;
}

/** Where the exchange tells nothing. */
export const NO_MINUTE_NEWS: MinuteNews = { listen: () => ({ ...DEAF, justClosed: () => false }) };

export interface OpenMinuteNews extends MinuteNews {
  /** How the line stands that tells it. */
  standing(): StreamStanding;
  close(): Promise<void>;
}

/**
 * Listens to an exchange's prices. A minute is over when something of a later one is told; where something may have been
 * missed, all who wait look at once.
 *
 * @param say a line for the operator
 */
export function openMinuteNews(
  live: LiveMarkets,
  markets: readonly Market[],
  say: (line: string) => void,
): OpenMinuteNews {
  const wakeUps = createWakeUps();
  const newestOpen = new Map<Market, number>();
  const watch = watchLine({ what: 'prices', without: 'closed candles are asked for at the usual pace' }, say);
  const line = live.watchMarkets(markets, (news) => {
    if (news.kind === 'price') {
      watch.noteTold();
      return;
    }
    if (news.kind === 'minute-closed') {
      watch.noteTold();
      newestOpen.set(news.market, news.until);
      wakeUps.wake(news.market);
      return;
    }
    watch.hear(news);
    if (news.kind === 'gap') for (const market of news.markets) wakeUps.wake(market);
  });
  return {
    listen: (market) => ({
      ...wakeUps.listen(market),
      justClosed: (close) => newestOpen.get(market) === close,
    }),
    standing: watch.standing,
    close: () => line.close(),
  };
}
