import type { CandleSource } from '../feed/minute-candle.ts';
import { type FeedTrade, tradesBefore } from '../feed/trades.ts';

/** A minute's worth. */
const PAGE = 20;

/** The trades after `since` until `now` (both epoch ms of market time), newest first. */
export function* tradesSince(source: CandleSource, since: number, now: number): Iterable<FeedTrade> {
  for (let to = now + 1; ; ) {
    const page = tradesBefore(source, PAGE, now, to);
    for (const trade of page) {
      if (trade.at <= since) return;
      yield trade;
      to = trade.at;
    }
    if (page.length < PAGE) return;
  }
}
