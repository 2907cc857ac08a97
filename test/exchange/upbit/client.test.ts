import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { AuthenticationFailed, OrderRejected, UnknownMarket } from '../../../exchange/errors.ts';
import type { OrderRequest } from '../../../exchange/port.ts';
import { createUpbitClient } from '../../../exchange/upbit/client.ts';
import { BTC_FILE, paperOptions, standingWall, startForTest } from '../paper/paper.ts';

const BTC = parseMarket('KRW-BTC');

/** Our client on a real paper exchange whose clock stands until the test moves it. */
async function clientOnPaper() {
  const wall = standingWall();
  const options = paperOptions({ replayFiles: [BTC_FILE], wallClock: wall.now });
  const exchange = await startForTest(options);
  const keys = { accessKey: options.accessKey, secretKey: options.secretKey };
  return { wall, exchange, keys, client: createUpbitClient({ baseUrl: exchange.url, keys }) };
}

/** A limit order one won of the grid away from the newest price, on the side that fills (`1`) or rests (`-1`). */
async function orderNear(
  client: ReturnType<typeof createUpbitClient>,
  identifier: string,
  way: 1 | -1,
): Promise<OrderRequest> {
  const { candles } = await client.fetchMinuteCandles(BTC, { count: 1 });
  const price = Number(candles[0]?.close) + way * 100_000;
  return { market: BTC, identifier, type: 'limit', side: 'bid', price: String(price), volume: '0.001' };
}

describe('prices', () => {
  it('come with the exchange clock and the forming candle, newest first', async () => {
    const { wall, client, exchange } = await clientOnPaper();
    wall.pass(30_000);

    const { candles, exchangeClock } = await client.fetchMinuteCandles(BTC, { count: 3 });

    expect(exchangeClock).toBe(Math.floor(exchange.marketTime() / 1_000) * 1_000);
    expect(candles.map((candle) => candle.ts)).toEqual(
      [0, 1, 2].map((n) => Math.floor(exchangeClock / 60_000) * 60_000 - n * 60_000),
    );
  });

  it('asked for up to an instant stop before it', async () => {
    const { client } = await clientOnPaper();
    const [newest] = (await client.fetchMinuteCandles(BTC, { count: 1 })).candles;
    const to = newest?.ts ?? 0;

    const { candles } = await client.fetchMinuteCandles(BTC, { to, count: 2 });

    expect(candles.map((candle) => candle.ts)).toEqual([to - 60_000, to - 120_000]);
  });

  it('of a market that is not listed fail by that name', async () => {
    const { client } = await clientOnPaper();
    await expect(client.fetchMinuteCandles(parseMarket('KRW-NOPE'), { count: 1 })).rejects.toThrow(UnknownMarket);
    expect(await client.listMarkets()).toEqual(['KRW-BTC']);
  });
});

describe('the account', () => {
  it('starts with ten million won, orders at known terms', async () => {
    const { client } = await clientOnPaper();
    expect(await client.fetchBalances()).toEqual([
      { currency: 'KRW', free: '10000000', locked: '0', averageBuyPrice: '0' },
    ]);
    expect(await client.fetchOrderTerms(BTC)).toMatchObject({ bidFeeRate: '0.0005', minimumBidKrw: '5000' });
  });

  it('is closed to a wrong key and to none', async () => {
    const { exchange, keys } = await clientOnPaper();
    const wrong = createUpbitClient({ baseUrl: exchange.url, keys: { ...keys, secretKey: 'another secret' } });
    const none = createUpbitClient({ baseUrl: exchange.url });

    await expect(wrong.fetchBalances()).rejects.toThrow(AuthenticationFailed);
    await expect(none.fetchBalances()).rejects.toThrow(/UPBIT_ACCESS_KEY/);
  });
});

describe('an order that is not found', () => {
  it.each([
    [404, 'nothing'],
    [400, 'nothing'],
    [401, 'AuthenticationFailed'],
    [403, 'AuthenticationFailed'],
    [418, 'Banned'],
    [429, 'RateLimited'],
    [500, 'ExchangeUnavailable'],
    [503, 'ExchangeUnavailable'],
    [302, 'UnexpectedResponse'],
  ] as const)('is there or not only where the exchange has looked: under %i it is %s', async (status, what) => {
    const server = createServer((_, response) =>
      response.writeHead(status).end('{"error":{"name":"order_not_found","message":"no such order"}}'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = createUpbitClient({ baseUrl, keys: { accessKey: 'key', secretKey: 'secret' } });
    const found = await client.fetchOrder({ identifier: 'i-1' }).then(
      (order) => (order === undefined ? 'nothing' : 'something'),
      (error: Error) => error.name,
    );
    expect(found).toBe(what);
  });
});

describe('an order', () => {
  it('that crosses the price fills, and is found again by identifier and by uuid', async () => {
    const { client } = await clientOnPaper();
    const request = await orderNear(client, 'crossing-1', 1);
    const created = await client.createOrder(request);

    const byIdentifier = await client.fetchOrder({ identifier: 'crossing-1' });
    expect(byIdentifier).toMatchObject({
      state: 'done',
      executedVolume: '0.001',
      exchangeOrderId: created.exchangeOrderId,
    });
    expect(byIdentifier?.fills).toHaveLength(1);
    expect(await client.fetchOrder({ exchangeOrderId: created.exchangeOrderId })).toEqual(byIdentifier);
    expect((await client.fetchBalances()).find((balance) => balance.currency === 'BTC')?.free).toBe('0.001');
  });

  it('that rests locks its funds until it is cancelled', async () => {
    const { client } = await clientOnPaper();
    await client.createOrder(await orderNear(client, 'resting-1', -1));
    expect(Number((await client.fetchBalances())[0]?.locked)).toBeGreaterThan(100_000);

    expect(await client.cancelOrder({ identifier: 'resting-1' })).toMatchObject({ state: 'wait' });

    expect(await client.fetchOrder({ identifier: 'resting-1' })).toMatchObject({
      state: 'cancel',
      executedVolume: '0',
    });
    expect(await client.fetchBalances()).toMatchObject([{ free: '10000000', locked: '0' }]);
  });

  it('of market type spends won or sells coins', async () => {
    const { client } = await clientOnPaper();
    await client.createOrder({ market: BTC, identifier: 'm-1', type: 'market', side: 'bid', spendKrw: '100000' });
    const bought = await client.fetchOrder({ identifier: 'm-1' });
    // A filled market buy ends in `cancel`: the won that buy no further 1e-8 coin are given back.
    expect(bought).toMatchObject({ state: 'cancel' });
    expect(Number(bought?.executedVolume)).toBeGreaterThan(0);

    await client.createOrder({
      market: BTC,
      identifier: 'm-2',
      type: 'market',
      side: 'ask',
      volume: bought?.executedVolume ?? '',
    });
    expect(await client.fetchOrder({ identifier: 'm-2' })).toMatchObject({ state: 'done' });
  });

  it('is refused by name, and an identifier serves only once', async () => {
    const { client } = await clientOnPaper();
    const request = await orderNear(client, 'once', 1);
    await client.createOrder(request);

    await expect(client.createOrder(request)).rejects.toMatchObject({
      name: 'OrderRejected',
      reason: 'duplicated_identifier',
    });
    const offGrid = client.createOrder({ ...request, identifier: 'off-grid', price: '100000001' } as OrderRequest);
    await expect(offGrid).rejects.toMatchObject({ reason: 'invalid_price_bid' });
    await expect(offGrid).rejects.toThrow(OrderRejected);
  });

  it('that nobody made is not found, neither to look at nor to cancel', async () => {
    const { client } = await clientOnPaper();
    expect(await client.fetchOrder({ identifier: 'never' })).toBeUndefined();
    expect(await client.cancelOrder({ identifier: 'never' })).toBeUndefined();
  });
});
