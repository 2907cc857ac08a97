import type { StreamStanding } from '../../db/stream-reports.ts';
import type { LiveAccount } from '../../exchange/live-port.ts';
import { watchLine } from './line-watch.ts';
import { createWakeUps, DEAF, type Listener } from './wake-ups.ts';

/** What an exchange tells of the orders of an account. */
export interface OrderNews {
  /** @param identifier client order id */
  listen(identifier: string): Listener;
}

/** Where the exchange tells nothing. */
export const NO_ORDER_NEWS: OrderNews = { listen: () => DEAF };

export interface OpenOrderNews extends OrderNews {
  /** How the line stands that tells it. */
  standing(): StreamStanding;
  close(): Promise<void>;
}

/**
 * Listens to the account: each step of an order wakes who looks after it. One told without its identifier may be
 * anybody's, and where something may have been missed too, all look at once.
 *
 * @param say a line for the operator
 */
export function openOrderNews(live: LiveAccount, say: (line: string) => void): OpenOrderNews {
  const wakeUps = createWakeUps();
  const watch = watchLine({ what: 'orders', without: 'fills are looked for at the usual pace' }, say);
  const line = live.watchAccount((news) => {
    if (news.kind === 'balances') {
      watch.noteTold();
      return;
    }
    if (news.kind === 'order' || news.kind === 'fill') {
      watch.noteTold();
      const { identifier } = news.order;
      if (identifier === undefined) wakeUps.wakeAll();
      else wakeUps.wake(identifier);
      return;
    }
    watch.hear(news);
    if (news.kind === 'gap') wakeUps.wakeAll();
  });
  return { listen: wakeUps.listen, standing: watch.standing, close: () => line.close() };
}
