import type { StreamEvent, Topic } from './events.ts';
import { type Subscription, topicName, topicsOf, topicsWithSnapshot } from './subscription.ts';

export interface TopicWatchOptions {
  readonly subscriptions: readonly Subscription[];
  /** Wall time after which topics without a snapshot count as subscribed, ms. */
  readonly settleMs: number;
  /** Wall time after which a topic is silent, ms. */
  readonly silentAfterMs: number;
  readonly now: () => number;
  readonly onGap: (gap: Extract<StreamEvent, { kind: 'gap' }>) => void;
}

/** Knows when a fresh subscription flows, and what nothing was heard of for too long. */
export interface TopicWatch {
  /** @param isSnapshot only that proves a subscription: the rest may be of the one before. */
  heard(topic: Topic, isSnapshot: boolean): void;
  stop(): void;
}

/** How many times within the patience for a silent topic one looks. */
const LOOKS = 4;

/** Begins when the request is sent. */
export function watchTopics({ subscriptions, settleMs, silentAfterMs, now, onGap }: TopicWatchOptions): TopicWatch {
  const topics = topicsOf(subscriptions);
  const heardAt = new Map(topics.map((topic) => [topicName(topic), now()]));
  const unproven = new Set(topicsWithSnapshot(subscriptions).map(topicName));
  // One topic without a snapshot leaves only time to tell.
  const provable = unproven.size === topics.length;
  let flows = topics.length === 0;

  const settle = (): void => {
    if (flows) return;
    flows = true;
    clearTimeout(settling);
    onGap({ kind: 'gap', reason: 'connected', topics });
  };
  const settling = setTimeout(settle, settleMs);
  const looking = setInterval(() => {
    const silent = topics.filter((topic) => now() - (heardAt.get(topicName(topic)) ?? 0) >= silentAfterMs);
    if (silent.length === 0) return;
    for (const topic of silent) heardAt.set(topicName(topic), now());
    onGap({ kind: 'gap', reason: 'silent', topics: silent });
  }, silentAfterMs / LOOKS);

  return {
    heard(topic, isSnapshot) {
      const name = topicName(topic);
      if (heardAt.has(name)) heardAt.set(name, now());
      if (isSnapshot) unproven.delete(name);
      if (provable && unproven.size === 0) settle();
    },
    stop() {
      clearTimeout(settling);
      clearInterval(looking);
    },
  };
}
