import { type OpenMinuteNews, openMinuteNews } from '../activities/news/minute-news.ts';
import { type OpenOrderNews, openOrderNews } from '../activities/news/order-news.ts';
import type { Settings } from '../config/settings.ts';
import { UserError } from '../config/user-error.ts';
import { onceOnPaper } from '../exchange/paper-proof.ts';
import type { UpbitKeys } from '../exchange/upbit/authorization.ts';
import { createUpbitLiveAccount, createUpbitLiveMarkets } from '../exchange/upbit/stream/live.ts';

type FeedSettings = Pick<Settings, 'FEED_MODE' | 'MARKETS'>;

/**
 * What the exchange tells of minutes, where `FEED_MODE` asks for it.
 *
 * @throws {UserError} when it is not said of which markets
 */
export function listenToMinutes({ FEED_MODE, MARKETS }: FeedSettings, baseUrl: string): OpenMinuteNews | undefined {
  if (FEED_MODE !== 'websocket') return undefined;
  if (MARKETS === undefined)
    throw new UserError('FEED_MODE=websocket: MARKETS is not set; nobody says what to hear of', 2);
  return openMinuteNews(createUpbitLiveMarkets({ baseUrl }), MARKETS, console.error);
}

/**
 * What the exchange tells of the account's orders, where `FEED_MODE` asks for it.
 *
 * @param prove that the exchange is on paper: before it has succeeded no handshake bears a signature
 */
export function listenToOrders(
  { FEED_MODE }: FeedSettings,
  { baseUrl, keys, prove }: { readonly baseUrl: string; readonly keys: UpbitKeys; readonly prove: () => Promise<void> },
): OpenOrderNews | undefined {
  if (FEED_MODE !== 'websocket') return undefined;
  return openOrderNews(onceOnPaper(createUpbitLiveAccount({ baseUrl, keys }), prove), console.error);
}
