import type { LiveAccount } from '../../exchange/live-port.ts';
import { lineLog } from './line-log.ts';
import { createWakeUps, DEAF, type Listener } from './wake-ups.ts';

/** What an exchange tells of the orders of an account. */
export interface OrderNews {
  /** @param identifier client order id */
  listen(identifier: string): Listener;
}

/** Where the exchange tells nothing. */
export const NO_ORDER_NEWS: OrderNews = { listen: () => DEAF };

export interface OpenOrderNews extends OrderNews {
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
  const log = lineLog({ what: 'orders', without: 'fills are looked for at the usual pace' }, say);
  const line = live.watchAccount((news) => {
    if (news.kind === 'balances') return;
    if (news.kind === 'order' || news.kind === 'fill') {
      const { identifier } = news.order;
      if (identifier === undefined) wakeUps.wakeAll();
      else wakeUps.wake(identifier);
      return;
    }
    log(news);
    if (news.kind === 'gap') wakeUps.wakeAll();
  });
  return { listen: wakeUps.listen, close: () => line.close() };
}
