import { type OpenMinuteNews, openMinuteNews } from '../activities/news/minute-news.ts';
import { type OpenOrderNews, openOrderNews } from '../activities/news/order-news.ts';
import type { Settings } from '../config/settings.ts';
import { UserError } from '../config/user-error.ts';
import type { Db } from '../db/connect.ts';
import type { StreamName } from '../db/stream-reports.ts';
import { onceOnPaper } from '../exchange/paper-proof.ts';
import type { UpbitKeys } from '../exchange/upbit/authorization.ts';
import { createUpbitLiveAccount, createUpbitLiveMarkets } from '../exchange/upbit/stream/live.ts';
import { reportStream } from './stream-report.ts';

type FeedSettings = Pick<Settings, 'FEED_MODE' | 'MARKETS'>;

/** What is heard of the exchange. How its stream stands is kept in the database for as long. */
export interface Listening<News> {
  /** Undefined where nobody listens; then the database says so too. */
  readonly news: News | undefined;
  close(): Promise<void>;
}

/**
 * What the exchange tells of minutes, where `FEED_MODE` asks for it.
 *
 * @throws {UserError} when it is not said of which markets
 */
export function listenToMinutes(
  { FEED_MODE, MARKETS }: FeedSettings,
  { baseUrl, db }: { readonly baseUrl: string; readonly db: Db },
): Listening<OpenMinuteNews> {
  if (FEED_MODE !== 'websocket') return listening<OpenMinuteNews>(db, 'prices', undefined);
  if (MARKETS === undefined)
    throw new UserError('FEED_MODE=websocket: MARKETS is not set; nobody says what to hear of', 2);
  return listening(db, 'prices', openMinuteNews(createUpbitLiveMarkets({ baseUrl }), MARKETS, console.error));
}

/** Whose orders are heard of, and where. */
export interface HeardAccount {
  readonly baseUrl: string;
  readonly keys: UpbitKeys;
  /** Proves that the exchange is on paper: before it has succeeded no handshake bears a signature. */
  readonly prove: () => Promise<void>;
}

/**
 * What the exchange tells of the account's orders, where `FEED_MODE` asks for it.
 *
 * @param account left out where none is traded
 */
export function listenToOrders(
  { FEED_MODE }: Pick<FeedSettings, 'FEED_MODE'>,
  { account, db }: { readonly account: HeardAccount | undefined; readonly db: Db },
): Listening<OpenOrderNews> {
  if (FEED_MODE !== 'websocket' || account === undefined) return listening<OpenOrderNews>(db, 'orders', undefined);
  const { prove, ...way } = account;
  return listening(db, 'orders', openOrderNews(onceOnPaper(createUpbitLiveAccount(way), prove), console.error));
}

function listening<News extends OpenMinuteNews | OpenOrderNews>(
  db: Db,
  stream: StreamName,
  news: News | undefined,
): Listening<News> {
  const report = reportStream(db, { stream, standing: news?.standing, say: console.error });
  return {
    news,
    async close() {
      await Promise.all([report.close(), news?.close()]);
    },
  };
}
