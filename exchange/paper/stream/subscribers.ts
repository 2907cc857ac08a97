import type { Market } from '../../../config/market.ts';
import type { LedgerEvent } from '../../matching/events.ts';
import type { Ledger } from '../../matching/ledger.ts';
import { accountMessages } from './account-messages.ts';
import type { Connection } from './connection.ts';
import type { Format, StreamMessage } from './message.ts';
import type { QuoteTopic } from './quote-topics.ts';
import type { StreamRequest, Subscription } from './request.ts';

/** Who is told what. All times are epoch ms of market time. */
export interface Subscribers {
  /** Whether anybody waits for news. */
  readonly waiting: boolean;
  /** Whether anybody waits for news of the account. */
  readonly waitingForAccount: boolean;
  /** Sends snapshots as of `now`, and from then on the news, in place of all that was asked for before. */
  subscribe(connection: Connection, request: StreamRequest, now: number): void;
  remove(connection: Connection): void;
  /** Tells what the market brought until `now`. */
  tellQuotes(now: number): void;
  tellAccount(events: readonly LedgerEvent[], before: Ledger, at: number): void;
}

interface Told {
  readonly topic: QuoteTopic;
  readonly readers: Map<Connection, Format>;
}

interface AccountReader {
  readonly subscriptions: readonly Subscription[];
  readonly format: Format;
}

/** @param topicOf makes what a type of data of a market is told from, as of a moment */
export function createSubscribers(topicOf: (type: string, market: Market, now: number) => QuoteTopic): Subscribers {
  const topics = new Map<string, Told>();
  const accountReaders = new Map<Connection, AccountReader>();

  const remove = (connection: Connection): void => {
    accountReaders.delete(connection);
    for (const [name, { readers }] of topics) {
      readers.delete(connection);
      if (readers.size === 0) topics.delete(name);
    }
  };

  const subscribeQuote = (
    connection: Connection,
    { type, snapshot, realtime }: Subscription,
    market: Market,
    format: Format,
    now: number,
  ): void => {
    const name = `${type}/${market}`;
    const told = topics.get(name) ?? { topic: topicOf(type, market, now), readers: new Map() };
    const look = snapshot ? told.topic.snapshot(now) : undefined;
    if (look !== undefined) connection.send(look, format);
    if (!realtime) return;
    told.readers.set(connection, format);
    topics.set(name, told);
  };

  const tellQuotes = (now: number): void => {
    for (const { topic, readers } of [...topics.values()]) {
      const news = topic.news(now);
      for (const [reader, format] of [...readers]) {
        if (news === 'too-many') reader.cut();
        else for (const message of news) reader.send(message, format);
      }
    }
  };

  return {
    get waiting() {
      return topics.size > 0 || accountReaders.size > 0;
    },
    get waitingForAccount() {
      return accountReaders.size > 0;
    },
    subscribe(connection, { subscriptions, format }, now) {
      remove(connection);
      // Others' news until now goes out first, so that everybody's news begins at the same instant.
      tellQuotes(now);
      if (connection.side === 'private') {
        accountReaders.set(connection, { subscriptions, format });
        return;
      }
      for (const subscription of subscriptions) {
        for (const market of subscription.markets) {
          subscribeQuote(connection, subscription, market, format, now);
        }
      }
    },
    remove,
    tellQuotes,
    tellAccount(events, before, at) {
      if (accountReaders.size === 0) return;
      const { orders, asset } = accountMessages(events, before, at);
      const tell = (isWanted: (subscription: Subscription) => boolean, message: StreamMessage): void => {
        for (const [reader, { subscriptions, format }] of [...accountReaders]) {
          if (subscriptions.some(isWanted)) reader.send(message, format);
        }
      };
      for (const { market, message } of orders) {
        tell(({ kind, markets: [...of] }) => kind === 'myOrder' && (of.length === 0 || of.includes(market)), message);
      }
      if (asset !== undefined) tell(({ kind }) => kind === 'myAsset', asset);
    },
  };
}
