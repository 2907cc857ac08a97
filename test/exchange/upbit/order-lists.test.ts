import { expect, it } from 'vitest';
import type { ExchangeOrder } from '../../../exchange/port.ts';
import { createOrderLists } from '../../../exchange/upbit/order-lists.ts';

const DAY = 86_400_000;

function anOrder(id: number): ExchangeOrder {
  return {
    ...{ exchangeOrderId: String(id), identifier: undefined, market: 'KRW-BTC', side: 'bid', state: 'done' },
    ...{ price: '1', volume: '1', executedVolume: '1', paidFee: '0', fills: [] },
  };
}

/** Lists orders by creation time as Upbit does: oldest first, cut at `limit`. */
function listing(created: readonly number[]) {
  const asked: { readonly path: string; readonly from: number; readonly until: number }[] = [];
  const lists = createOrderLists(async (path, parameters) => {
    const given = Object.fromEntries(parameters);
    const limit = Number(given.limit);
    if (path === 'v1/orders/open') {
      const start = (Number(given.page) - 1) * limit;
      return created.map((_, index) => anOrder(index)).slice(start, start + limit);
    }
    const [from, until] = [Number(given.start_time), Number(given.end_time)];
    asked.push({ path, from, until });
    return created.flatMap((at, index) => (at >= from && at <= until ? [anOrder(index)] : [])).slice(0, limit);
  });
  return { asked, lists };
}

it('reads every page of open orders', async () => {
  const { lists } = listing(Array.from({ length: 250 }, () => 0));
  expect(await lists.fetchOpenOrders()).toHaveLength(250);
});

it('misses none that rests all the while, whatever others end between its pages, and keeps their order', async () => {
  for (const ended of [1, 30, 100, 130]) {
    let resting = Array.from({ length: 350 }, (_, index) => anOrder(index));
    const lists = createOrderLists(async (_, parameters) => {
      const { page, limit } = Object.fromEntries(parameters);
      const shown = resting.slice((Number(page) - 1) * Number(limit), Number(page) * Number(limit));
      // The oldest of those up to 300 end; what comes after them rests.
      resting = resting.filter(({ exchangeOrderId: id }, index) => Number(id) >= 250 || index >= ended);
      return shown;
    });
    const found = (await lists.fetchOpenOrders()).map(({ exchangeOrderId }) => Number(exchangeOrderId));
    const late = found.filter((id) => id >= 250);
    expect(late).toEqual(Array.from({ length: 100 }, (_, index) => 250 + index));
  }
});

it('reads closed orders in windows of at most a week, each order once', async () => {
  const { asked, lists } = listing([0, 7 * DAY - 1, 7 * DAY, 20 * DAY]);
  const found = await lists.fetchClosedOrders({ from: 0, until: 20 * DAY });
  expect(found.map((order) => order.exchangeOrderId)).toEqual(['0', '1', '2', '3']);
  expect(asked).toHaveLength(3);
  expect(asked.every(({ from, until }) => until - from < 7 * DAY)).toBe(true);
});

it('halves a window that holds more than a page', async () => {
  const { lists } = listing(Array.from({ length: 5_000 }, (_, index) => index * 7));
  expect(await lists.fetchClosedOrders({ from: 0, until: DAY })).toHaveLength(5_000);
});

it('asks for whole milliseconds, never for less than was meant', async () => {
  const { asked, lists } = listing([10, 21]);
  const found = await lists.fetchClosedOrders({ from: 10.9, until: 20.1 });
  expect(asked.map(({ from, until }) => [from, until])).toEqual([[10, 21]]);
  expect(found).toHaveLength(2);
});
