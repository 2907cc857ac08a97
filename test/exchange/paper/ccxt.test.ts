import { Agent } from 'node:http';
import { AuthenticationError, InsufficientFunds, OrderNotFound, upbit } from 'ccxt';
import { expect, onTestFinished, test } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import type { BookShape } from '../../../exchange/matching/book/parameters.ts';
import { BTC_FILE, ETH_FILE, paperOptions, standingWall, startForTest } from './paper.ts';
import { THIN_BOOK } from './thin-book.ts';

const MINUTE = 60_000;
/** The market time a fresh replay of the two files begins at. */
const START = Date.parse('2025-09-01T03:22:00Z');
const BTC = 'BTC/KRW';

/** ccxt's own Upbit, told another address; the agent because ccxt's is for https alone. */
async function open({
  secretKey = paperOptions().secretKey,
  book,
}: {
  readonly secretKey?: string;
  readonly book?: BookShape;
} = {}) {
  const wall = standingWall();
  const markets = [parseMarket('KRW-BTC'), parseMarket('KRW-ETH')];
  const { url } = await startForTest({ wallClock: wall.now, markets, replayFiles: [BTC_FILE, ETH_FILE], book });
  const agent = new Agent();
  onTestFinished(() => agent.destroy());
  const client = new upbit({ apiKey: paperOptions().accessKey, secret: secretKey, agent });
  client.urls = { ...client.urls, api: { public: url, private: url } };
  return { client, wall };
}

/** What an account holds, as ccxt tells it. */
async function balances(client: upbit) {
  const { free, used, total } = await client.fetchBalance();
  return { free, used, total };
}

test('ccxt reads the markets, their candles and their tickers', async () => {
  const { client, wall } = await open();
  wall.pass(10_000);

  const markets = await client.loadMarkets();
  expect(Object.values(markets).map((market) => [market?.symbol, market?.id, market?.taker])).toEqual([
    ['BTC/KRW', 'KRW-BTC', 0.0005],
    ['ETH/KRW', 'KRW-ETH', 0.0005],
  ]);

  // The last is the forming minute: three of its twenty trades.
  expect(await client.fetchOHLCV(BTC, '1m', undefined, 3)).toEqual([
    [START - 2 * MINUTE, 150_042_000, 150_046_000, 150_042_000, 150_044_000, 0.04787041],
    [START - MINUTE, 150_044_000, 150_046_000, 150_044_000, 150_044_000, 0.07681666],
    [START, 150_044_000, 150_044_000, 150_044_000, 150_044_000, 0.00285384],
  ]);
  expect(await client.fetchOHLCV(BTC, '1m', Date.parse('2025-09-01T00:00:00Z'), 2)).toEqual([
    [Date.parse('2025-09-01T00:00:00Z'), 150_000_000, 150_003_000, 149_999_000, 149_999_000, 0.05805693],
    [Date.parse('2025-09-01T00:01:00Z'), 149_999_000, 149_999_000, 149_996_000, 149_996_000, 0.08139472],
  ]);
  expect(await client.fetchOHLCV(BTC, '1d')).toEqual([
    [Date.parse('2025-09-01T00:00:00Z'), 150_000_000, 150_051_000, 149_982_000, 150_044_000, 7.95317479],
  ]);

  const ticker = {
    symbol: BTC,
    timestamp: START + 7_500,
    datetime: '2025-09-01T03:22:07.500Z',
    last: 150_044_000,
    open: 150_000_000,
    high: 150_051_000,
    low: 149_982_000,
    change: 44_000,
    baseVolume: 7.95317479,
    quoteVolume: 1_193_077_982.88646,
  };
  expect(await client.fetchTicker(BTC)).toMatchObject(ticker);
  const tickers = await client.fetchTickers();
  expect(Object.keys(tickers)).toEqual(['BTC/KRW', 'ETH/KRW']);
  expect(tickers[BTC]).toMatchObject(ticker);
});

test('ccxt places a limit buy, finds it open, sees what it locks, and cancels it', async () => {
  const { client } = await open();
  const placed = {
    symbol: BTC,
    clientOrderId: 'mine',
    type: 'limit',
    side: 'buy',
    price: 140_000_000,
    amount: 0.0001,
    filled: 0,
    remaining: 0.0001,
    cost: 0,
    status: 'open',
    timestamp: START,
    datetime: '2025-09-01T03:22:00.000Z',
    trades: [],
  };

  const created = await client.createOrder(BTC, 'limit', 'buy', 0.0001, 140_000_000, { clientOrderId: 'mine' });
  expect(created).toMatchObject(placed);
  expect(await client.fetchOpenOrders(BTC)).toMatchObject([{ ...placed, id: created.id }]);
  expect(await client.fetchOpenOrders('ETH/KRW')).toEqual([]);
  expect(await client.fetchOrder(created.id)).toMatchObject({ ...placed, id: created.id });
  // 0.0001 × 140,000,000 and 0.05 % of it.
  expect(await balances(client)).toEqual({
    free: { KRW: 9_985_993 },
    used: { KRW: 14_007 },
    total: { KRW: 10_000_000 },
  });

  // Accepted, not yet done: `wait` is Upbit's answer to a cancellation.
  expect(await client.cancelOrder(created.id)).toMatchObject({ id: created.id, status: 'open' });
  expect(await client.fetchOrder(created.id)).toMatchObject({ ...placed, status: 'canceled', fee: { cost: '0' } });
  expect(await client.fetchOpenOrders()).toEqual([]);
  expect(await client.fetchCanceledOrders(BTC)).toMatchObject([{ id: created.id, status: 'canceled' }]);
  expect(await balances(client)).toEqual({ free: { KRW: 10_000_000 }, used: { KRW: 0 }, total: { KRW: 10_000_000 } });
});

test('ccxt buys for a cost and sells the coins at the market, to the last digit of amount, cost and fee', async () => {
  const { client } = await open();
  const filled = {
    symbol: BTC,
    type: 'market',
    timestamp: START,
    lastTradeTimestamp: START,
    average: 150_044_000,
    filled: 0.00666471,
    cost: 999_999.74724,
    fee: { currency: 'KRW', cost: '499.99987362' },
    trades: [{ price: 150_044_000, amount: 0.00666471, cost: 999_999.74724, timestamp: START }],
  };

  const buy = await client.createOrder(BTC, 'market', 'buy', 0, undefined, { cost: 1_000_000 });
  expect(buy).toMatchObject({ status: 'open', type: 'market', side: 'buy', cost: 1_000_000, filled: 0 });
  // Upbit ends a market buy in `cancel`: the won that bought no further 0.00000001 come back.
  const bought = await client.fetchOrder(buy.id);
  expect(bought).toMatchObject({ ...filled, side: 'buy', status: 'canceled' });
  expect((await balances(client)).total).toEqual({ KRW: 8_999_500.25288638, BTC: 0.00666471 });

  const sell = await client.createOrder(BTC, 'market', 'sell', bought.filled);
  expect(sell).toMatchObject({ status: 'open', side: 'sell', amount: 0.00666471, remaining: 0.00666471 });
  const sold = { id: sell.id, side: 'sell', status: 'closed', amount: 0.00666471, remaining: 0, filled: 0.00666471 };
  expect(await client.fetchOrder(sell.id)).toMatchObject({ ...filled, ...sold });
  expect(await client.fetchClosedOrders(BTC)).toMatchObject([{ ...sold, fee: filled.fee, timestamp: START }]);
  expect(await client.fetchClosedOrders(BTC, START - MINUTE, 5)).toMatchObject([sold]);
  expect((await balances(client)).total).toEqual({ KRW: 9_999_000.00025276 });
});

test('ccxt sees a resting limit buy fill when the market comes to it', async () => {
  const { client, wall } = await open();

  const { id } = await client.createOrder(BTC, 'limit', 'buy', 0.01, 150_040_000);
  wall.pass(MINUTE);
  expect(await client.fetchOrder(id)).toMatchObject({ status: 'open', filled: 0 });
  // The low of the minute from 03:23 is the order's price.
  wall.pass(MINUTE);

  const order = await client.fetchOrder(id);
  expect(order).toMatchObject({
    status: 'closed',
    price: 150_040_000,
    average: 150_040_000,
    filled: 0.01,
    remaining: 0,
    cost: 1_500_400,
    fee: { currency: 'KRW', cost: '750.2' },
  });
  expect(order.timestamp).toBe(START);
  expect(order.lastTradeTimestamp).toBeGreaterThanOrEqual(START + MINUTE);
  expect(order.lastTradeTimestamp).toBeLessThan(START + 2 * MINUTE);
  expect((await balances(client)).total).toEqual({ KRW: 8_498_849.8, BTC: 0.01 });
});

test('ccxt reads the order book, whole and cut, and of several markets', async () => {
  const { client } = await open({ book: THIN_BOOK });

  const { symbol, bids, asks, timestamp } = await client.fetchOrderBook(BTC);

  expect([symbol, bids.length, asks.length]).toEqual([BTC, 30, 30]);
  const prices = (levels: readonly unknown[]) => levels.map((level) => Number((level as number[])[0]));
  expect(prices(asks)).toEqual(prices(asks).toSorted((one, other) => one - other));
  expect(prices(bids)).toEqual(prices(bids).toSorted((one, other) => other - one));
  // The newest trade of the feed lies between them.
  const last = (await client.fetchTicker(BTC)).last ?? 0;
  expect([prices(bids)[0] ?? 0, last, prices(asks)[0] ?? 0]).toEqual(
    [prices(bids)[0] ?? 0, last, prices(asks)[0] ?? 0].toSorted((one, other) => one - other),
  );
  expect([...asks, ...bids].every((level) => Number(level[1]) > 0)).toBe(true);
  expect(timestamp).toBeLessThanOrEqual(START);
  const cut = await client.fetchOrderBook(BTC, 5);
  expect([cut.bids, cut.asks]).toEqual([bids.slice(0, 5), asks.slice(0, 5)]);
  const books = await client.fetchOrderBooks([BTC, 'ETH/KRW']);
  expect(Object.keys(books)).toEqual([BTC, 'ETH/KRW']);
  expect(books[BTC]?.asks).toEqual(asks);
});

test('ccxt trades against the order book: a limit takes what it reaches and rests, and is seen there', async () => {
  const { client } = await open({ book: THIN_BOOK });
  const { asks } = await client.fetchOrderBook(BTC);
  const [[price, size]] = asks as [[number, number]];

  const taking = await client.createOrder(BTC, 'limit', 'buy', Number((size + 0.001).toFixed(8)), price);

  const order = await client.fetchOrder(taking.id);
  expect(order).toMatchObject({ status: 'open', filled: size, remaining: 0.001, average: price });
  const after = await client.fetchOrderBook(BTC);
  expect(after.bids[0]).toEqual([price, 0.001]);
  expect(after.asks[0]?.[0]).toBe(asks[1]?.[0]);
  await client.cancelOrder(taking.id);
  expect((await client.fetchOrderBook(BTC)).bids[0]?.[0]).toBeLessThan(price);
  expect((await balances(client)).total).toMatchObject({ BTC: size });
});

test("refusals are the errors that ccxt has for Upbit's", async () => {
  const { client } = await open();

  await expect(client.fetchOrder('00000000-0000-0000-0000-000000000000')).rejects.toThrow(OrderNotFound);
  await expect(client.createOrder(BTC, 'limit', 'buy', 1, 140_000_000)).rejects.toThrow(InsufficientFunds);
  await expect(client.createOrder(BTC, 'limit', 'sell', 1, 140_000_000)).rejects.toThrow(InsufficientFunds);
  await expect(client.createOrder(BTC, 'limit', 'buy', 0.001, 140_000_500)).rejects.toThrow('invalid_price_bid');
  await expect(client.createOrder(BTC, 'limit', 'buy', 0.00001, 140_000_000)).rejects.toThrow('under_min_total_bid');

  const { client: stranger } = await open({ secretKey: 'another secret' });
  await expect(stranger.fetchBalance()).rejects.toThrow(AuthenticationError);
});
