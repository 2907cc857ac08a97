import type { ExchangeOrder, TradingExchange } from '../port.ts';
import type { Parameters } from './authorization.ts';

/** Longest page of `GET /v1/orders/open` and `GET /v1/orders/closed` (upbit.md §4). */
const OPEN_PAGE = 100;
const CLOSED_PAGE = 1_000;
/** Widest stretch of creation times that closed orders are listed for. */
const CLOSED_WINDOW_MS = 7 * 86_400_000;

/**
 * Upbit's lists of orders, read to their end. Closed orders have no pages: a window that fills its page is halved.
 *
 * @param list asks the account's list at `path` once
 */
export function createOrderLists(
  list: (path: string, parameters: Parameters) => Promise<readonly ExchangeOrder[]>,
): Pick<TradingExchange, 'fetchOpenOrders' | 'fetchClosedOrders'> {
  async function closedIn(from: number, until: number): Promise<readonly ExchangeOrder[]> {
    const page = await list('v1/orders/closed', [
      ['start_time', String(from)],
      ['end_time', String(until)],
      ['limit', String(CLOSED_PAGE)],
      ['order_by', 'asc'],
    ]);
    if (page.length < CLOSED_PAGE || until <= from) return page;
    const middle = Math.floor((from + until) / 2);
    return [...(await closedIn(from, middle)), ...(await closedIn(middle + 1, until))];
  }

  const openOn = (page: number): Promise<readonly ExchangeOrder[]> =>
    list('v1/orders/open', [
      ['states[]', 'wait'],
      ['states[]', 'watch'],
      ['page', String(page)],
      ['limit', String(OPEN_PAGE)],
      ['order_by', 'asc'],
    ]);

  return {
    async fetchOpenOrders() {
      let last = 1;
      let orders = await openOn(last);
      while (orders.length === OPEN_PAGE) {
        last += 1;
        orders = await openOn(last);
      }
      // An order that ends moves those after it up, past a page that was read before. Read from the last page to the first,
      // none that rests all the while is missed: it only ever moves towards what is still to be read.
      for (let page = last - 1; page >= 1; page -= 1) {
        const before = await openOn(page);
        // Of one seen twice this is the newer look.
        const known = new Set(before.map(({ exchangeOrderId }) => exchangeOrderId));
        orders = [...before, ...orders.filter(({ exchangeOrderId }) => !known.has(exchangeOrderId))];
      }
      return orders;
    },

    async fetchClosedOrders(created) {
      // A clock may give fractions of a millisecond, which the exchange takes for no time at all.
      const [from, until] = [Math.floor(created.from), Math.ceil(created.until)];
      const found = new Map<string, ExchangeOrder>();
      for (let start = from; start <= until; start += CLOSED_WINDOW_MS) {
        const orders = await closedIn(start, Math.min(until, start + CLOSED_WINDOW_MS - 1));
        for (const order of orders) found.set(order.exchangeOrderId, order);
      }
      return [...found.values()];
    },
  };
}
