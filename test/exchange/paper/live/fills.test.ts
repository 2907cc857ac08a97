import { expect, it } from 'vitest';
import { parseMarket } from '../../../../config/market.ts';
import { get, signed, standingWall } from '../paper.ts';
import { THIN_BOOK } from '../thin-book.ts';
import { BTC, buySome, findLimit, firstReaching, orderOf, place, startChain } from './chain.ts';

const SECOND = 1_000;

/** When an order came about, and when it was filled; whole seconds of market time. */
function timesOf(order: { created_at: string; trades: { created_at: string }[] }): [number, number | undefined] {
  const filled = order.trades[0]?.created_at;
  return [Date.parse(order.created_at), filled === undefined ? undefined : Date.parse(filled)];
}

it('fills a waiting order by the first trade of the source that reaches it, at the order’s price', async () => {
  const { upbit, exchange } = await startChain();
  await buySome(exchange.url);
  const limit = await findLimit(upbit, 20 * SECOND, 60 * SECOND);

  const made = await place(exchange.url, { ...limit, identifier: 'waits' });
  expect([made.status, made.json.state]).toEqual([201, 'wait']);
  await expect.poll(async () => (await orderOf(exchange.url, 'waits')).state, { timeout: 10_000 }).toBe('done');

  const order = await orderOf(exchange.url, 'waits');
  const [createdAt, filledAt] = timesOf(order);
  const reaching = firstReaching(limit, createdAt + SECOND - 1);
  expect(filledAt).toBe(Math.floor((reaching?.at ?? 0) / SECOND) * SECOND);
  expect(order.trades.map(({ price }: { price: string }) => price)).toEqual([limit.price]);
});

it('buys at the source’s last price, and dates it by the source’s clock', async () => {
  const { upbit, exchange } = await startChain({ source: { wallClock: standingWall().now, speed: 1 } });
  const [ticker] = (await get(`${upbit.url}/v1/ticker?markets=KRW-BTC`)).json;

  await buySome(exchange.url);

  const [order] = (await signed(exchange.url, 'GET', '/v1/orders/closed')).json;
  const bought = (await signed(exchange.url, 'GET', '/v1/order', { query: `uuid=${order.uuid}` })).json;
  expect(bought.trades[0].price).toBe(String(ticker.trade_price));
  // Carried on from a clock that stands: by what the test took.
  expect(Date.parse(bought.created_at) - upbit.marketTime()).toBeLessThan(10 * SECOND);
});

it('walks the source’s own order book with --book levels, and shows it with our orders in it', async () => {
  const { upbit, exchange } = await startChain({
    source: { wallClock: standingWall().now, speed: 1, book: THIN_BOOK },
    live: { book: THIN_BOOK, seed: 99 },
  });
  const [theirs] = (await get(`${upbit.url}/v1/orderbook?markets=KRW-BTC`)).json;
  const bookHere = async () => (await get(`${exchange.url}/v1/orderbook?markets=KRW-BTC`)).json[0];
  expect(await bookHere()).toEqual(theirs);

  const [first, second] = theirs.orderbook_units;
  const worth = first.ask_price * first.ask_size + (second.ask_price * second.ask_size) / 2;
  const made = await place(exchange.url, {
    ...{ side: 'bid', ord_type: 'price', price: String(Math.floor(worth)), volume: undefined },
    identifier: 'walks',
  });
  expect(made.status).toBe(201);
  const { trades } = await orderOf(exchange.url, 'walks');
  expect(trades.map(({ price }: { price: string }) => Number(price))).toEqual([first.ask_price, second.ask_price]);
  expect(Number(trades[0].volume)).toBe(first.ask_size);

  // What was taken stays gone until the source tells another book, and our own bid stands in it.
  const after = await bookHere();
  expect(after.orderbook_units[0].ask_price).toBe(second.ask_price);
  const bid = String(theirs.orderbook_units[0].bid_price);
  await place(exchange.url, { side: 'bid', price: bid, volume: '0.01' });
  expect((await bookHere()).orderbook_units[0].bid_size).toBeCloseTo(theirs.orderbook_units[0].bid_size + 0.01, 8);
});

it('lists only markets the source has, with the source’s warnings, and refuses to begin with others', async () => {
  const doge = parseMarket('KRW-DOGE');
  await expect(startChain({ live: { markets: [BTC, doge] } })).rejects.toThrow(
    /lists no market KRW-DOGE; mend --markets/,
  );
  await expect(startChain({ live: { book: THIN_BOOK } })).rejects.toThrow(/--book levels needs an order book/);
  await expect(startChain({ live: { controlPort: 0 } })).rejects.toThrow(/faults are for prices made here/);
});
