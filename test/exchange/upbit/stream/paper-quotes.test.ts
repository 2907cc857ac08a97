import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { parseMarket } from '../../../../config/market.ts';
import { createUpbitOperator } from '../../../../exchange/upbit/operator.ts';
import { createUpbitQuotation } from '../../../../exchange/upbit/quotation/quotation.ts';
import { STREAM_CANDLE_UNITS } from '../../../../exchange/upbit/stream/short-names.ts';
import { openQuoteStream, type StreamOptions } from '../../../../exchange/upbit/stream/stream.ts';
import type { QuoteSubscription } from '../../../../exchange/upbit/stream/subscription.ts';
import { createTransport } from '../../../../exchange/upbit/transport.ts';
import { paperOptions, standingWall, startForTest } from '../../paper/paper.ts';
import { THIN_BOOK } from '../../paper/thin-book.ts';
import { recorder, TRADES } from './scripted-lines.ts';

const BTC = parseMarket('KRW-BTC');
const SIMULATED = { feed: 'simulated', replayFiles: [], markets: [BTC], speed: 60 } as const;
const QUICK = { firstRetryMs: 20, longestRetryMs: 100, settleMs: 300 };

function quotes(baseUrl: string, more: Partial<StreamOptions<QuoteSubscription>> = {}) {
  const heard = recorder();
  const stream = openQuoteStream({
    baseUrl,
    subscriptions: [TRADES],
    onEvent: heard.onEvent,
    timing: QUICK,
    ...more,
  });
  onTestFinished(() => stream.close());
  return { ...heard, stream };
}

it.each(['DEFAULT', 'SIMPLE', 'JSON_LIST', 'SIMPLE_LIST'] as const)(
  'hears tickers, trades and candles of every length in %s, as REST shows them',
  async (format) => {
    const wall = standingWall();
    const exchange = await startForTest({ ...SIMULATED, wallClock: wall.now });
    const subscriptions: QuoteSubscription[] = [
      TRADES,
      { type: 'ticker', markets: [BTC] },
      ...STREAM_CANDLE_UNITS.map((unit) => ({ type: `candle.${unit}` as const, markets: [BTC] })),
    ];
    const { events, of } = quotes(exchange.url, { subscriptions, format });
    await expect.poll(() => of('gap').length).toBe(1);
    for (let step = 1; step <= 3; step += 1) {
      const before = of('candle').length;
      wall.pass(1_000);
      await expect.poll(() => of('trade').length).toBeGreaterThan(step * 15);
      // The last that each look tells.
      await expect.poll(() => of('candle').slice(before).at(-1)?.unit).toBe('240m');
    }

    const quotation = createUpbitQuotation(createTransport({ baseUrl: exchange.url }));
    const known = await quotation.fetchTrades(BTC, { count: 200 });
    const told = of('trade').map(({ trade }) => trade);
    expect(told).toEqual(known.slice(0, told.length).toReversed());
    expect(
      of('trade')
        .map(({ origin }) => origin)
        .slice(0, 2),
    ).toEqual(['snapshot', 'realtime']);
    expect(of('ticker')[0]?.origin).toBe('snapshot');
    expect(of('ticker').at(-1)?.ticker).toEqual((await quotation.fetchTickers([BTC]))[0]);
    for (const unit of STREAM_CANDLE_UNITS) {
      const candles = of('candle').filter((candle) => candle.unit === unit);
      expect(candles.map(({ origin }) => origin)).toEqual(expect.arrayContaining(['snapshot', 'realtime']));
      const rest = await quotation.fetchCandles(BTC, unit, { count: 200 });
      const newest = new Map(candles.map(({ candle }) => [candle.ts, candle]));
      for (const candle of newest.values()) expect(rest.candles).toContainEqual(candle);
    }
    expect(of('gap').map(({ reason }) => reason)).toEqual(['connected']);
    expect(events.filter(({ kind }) => kind === 'unreadable' || kind === 'refused')).toEqual([]);
  },
);

it.each(['DEFAULT', 'SIMPLE', 'JSON_LIST', 'SIMPLE_LIST'] as const)(
  'hears order books in %s, whole and cut, as REST shows them, and what an order of ours changes',
  async (format) => {
    const wall = standingWall();
    const options = paperOptions({ ...SIMULATED, wallClock: wall.now, book: THIN_BOOK });
    const exchange = await startForTest(options);
    const { accessKey, secretKey } = options;
    const transport = createTransport({ baseUrl: exchange.url, keys: { accessKey, secretKey } });
    const subscriptions: QuoteSubscription[] = [{ type: 'orderbook', markets: [BTC, `${BTC}.5`] }];
    const { of } = quotes(exchange.url, { subscriptions, format });
    await expect.poll(() => of('orderbook').length).toBe(2);
    const seen = async (count: number) => (await createUpbitQuotation(transport).fetchOrderBooks([BTC], { count }))[0];
    const newest = (levels: number) =>
      of('orderbook').findLast(({ book }) => (book.asks.length === 5) === (levels === 5));
    expect([newest(30)?.origin, newest(30)?.book]).toEqual(['snapshot', await seen(30)]);
    expect([newest(5)?.origin, newest(5)?.book]).toEqual(['snapshot', await seen(5)]);

    await createUpbitOperator(transport).createOrder(
      { market: BTC, type: 'market', side: 'bid', spendKrw: '1000000' },
      'taking',
    );
    await expect.poll(() => of('orderbook').length).toBe(4);
    expect([newest(30)?.origin, newest(30)?.book]).toEqual(['realtime', await seen(30)]);
    expect([newest(5)?.origin, newest(5)?.book]).toEqual(['realtime', await seen(5)]);
    expect(of('unreadable')).toEqual([]);
  },
);

it('asks again and tells of the gap when the exchange was away', async () => {
  const options = paperOptions(SIMULATED);
  const first = await startForTest(options);
  const { of } = quotes(first.url);
  await expect.poll(() => of('gap').length).toBe(1);
  await first.close();
  await expect.poll(() => of('disconnected').length).toBeGreaterThan(1);
  const before = of('trade').length;
  await startForTest({ ...options, port: first.port });

  await expect.poll(() => of('gap').length).toBe(2);
  await expect.poll(() => of('trade').length).toBeGreaterThan(before + 3);
});

/** A way to `port` of this machine that can be made to carry nothing, though it stays open. */
async function tunnel(port: number) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = dial(port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fallSilent(): void {
      for (const socket of sockets) socket.unpipe();
      sockets.clear();
    },
  };
}

it('gives up a line that is open and carries nothing, not even the answer to a ping, and comes back by another', async () => {
  const exchange = await startForTest({ ...SIMULATED, wallClock: standingWall().now });
  const way = await tunnel(exchange.port);
  const { of } = quotes(way.url, { timing: { ...QUICK, pingEveryMs: 200, pongWithinMs: 1_000 } });
  await expect.poll(() => of('gap').length).toBe(1);
  expect(of('disconnected')).toEqual([]);
  way.fallSilent();
  await expect.poll(() => of('disconnected').map(({ reason }) => reason)).toEqual(['the line is dead']);
  await expect.poll(() => of('gap').map(({ reason }) => reason)).toEqual(['connected', 'connected']);
});

it('asks a real exchange for something else on the same line', async () => {
  const wall = standingWall();
  const exchange = await startForTest({ ...SIMULATED, wallClock: wall.now });
  const { of, stream } = quotes(exchange.url);
  await expect.poll(() => of('gap').length).toBe(1);
  stream.subscribe([{ type: 'ticker', markets: [BTC] }]);
  await expect.poll(() => of('gap').length).toBe(2);
  const trades = of('trade').length;
  wall.pass(1_000);
  await expect.poll(() => of('ticker').map(({ origin }) => origin)).toContain('realtime');
  expect(of('trade')).toHaveLength(trades);
  expect(of('disconnected')).toEqual([]);
});
