import { randomUUID } from 'node:crypto';
import type { Topic } from './events.ts';
import type { StreamCandleUnit } from './short-names.ts';

export interface QuoteSubscription {
  readonly type: 'ticker' | 'trade' | 'orderbook' | `candle.${StreamCandleUnit}`;
  /** `KRW-BTC`; of an order book also `KRW-BTC.15`, so many levels. */
  readonly markets: readonly string[];
  /** Only how it stands now, or only what happens from now on; both where absent. */
  readonly only?: 'snapshot' | 'realtime';
}

export type AccountSubscription =
  /** Of all markets where none is named. */
  { readonly type: 'myOrder'; readonly markets?: readonly string[] } | { readonly type: 'myAsset' };

export type Subscription = QuoteSubscription | AccountSubscription;

export type Format = 'DEFAULT' | 'SIMPLE' | 'JSON_LIST' | 'SIMPLE_LIST';

/** The text that asks for all of them, in place of what was asked for before. */
export function requestText(subscriptions: readonly Subscription[], format: Format): string {
  const types = subscriptions.map((subscription) => ({
    type: subscription.type,
    ...('markets' in subscription && { codes: subscription.markets }),
    ...('only' in subscription && { [`is_only_${subscription.only}`]: true }),
  }));
  return JSON.stringify([{ ticket: randomUUID() }, ...types, { format }]);
}

/** Topics that something is to be heard of; of those with only a snapshot nothing is, after it. */
export function topicsOf(subscriptions: readonly Subscription[]): readonly Topic[] {
  return subscriptions.flatMap((subscription): Topic[] => {
    const { type } = subscription;
    if (type === 'myOrder' || type === 'myAsset') return [{ type, market: undefined }];
    if (subscription.only === 'snapshot') return [];
    return subscription.markets.map((market) => ({ type, market: market.split('.')[0] }));
  });
}

/** Those that tell at once how they stand: hearing of them proves that the subscription is in force. */
export function topicsWithSnapshot(subscriptions: readonly Subscription[]): readonly Topic[] {
  return topicsOf(
    subscriptions.filter((subscription) => 'markets' in subscription && !('only' in subscription)),
  ).filter(({ market }) => market !== undefined);
}

export function topicName({ type, market }: Topic): string {
  return market === undefined ? type : `${type}/${market}`;
}
