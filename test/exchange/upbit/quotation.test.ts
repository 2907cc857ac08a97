import { describe, expect, it } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { Banned, MarketOffline, RateLimited, UnexpectedResponse, UnknownMarket } from '../../../exchange/errors.ts';
import type { BookShape } from '../../../exchange/matching/book/parameters.ts';
import { type BookLevel, CANDLE_UNITS } from '../../../exchange/quotation-port.ts';
import { fetchAccountKeys } from '../../../exchange/upbit/account-keys.ts';
import { createUpbitClient } from '../../../exchange/upbit/client.ts';
import { createUpbitOperator } from '../../../exchange/upbit/operator.ts';
import { createUpbitQuotation } from '../../../exchange/upbit/quotation/quotation.ts';
import { createTransport } from '../../../exchange/upbit/transport.ts';
import { FaultControl } from '../../support/fault-control.ts';
import { BTC_FILE, ETH_FILE, paperOptions, standingWall, startForTest } from '../paper/paper.ts';
import { THIN_BOOK } from '../paper/thin-book.ts';

const MARKETS = [parseMarket('KRW-BTC'), parseMarket('KRW-ETH')] as const;
const [BTC] = MARKETS;

/** The client on a real paper exchange whose clock stands until the test moves it. */
async function quotationOnPaper(book?: BookShape) {
  const wall = standingWall();
  const options = paperOptions({
    book,
    markets: MARKETS,
    replayFiles: [BTC_FILE, ETH_FILE],
    wallClock: wall.now,
    controlPort: 0,
  });
  const exchange = await startForTest(options);
  wall.pass(30_000);
  const { accessKey, secretKey } = options;
  const transport = createTransport({ baseUrl: exchange.url, keys: { accessKey, secretKey } });
  const client = createUpbitClient({ baseUrl: exchange.url });
  const control = new FaultControl(exchange.controlUrl ?? '');
  return { wall, exchange, transport, control, client, quotation: createUpbitQuotation(transport) };
}

describe('quotation on the paper exchange', () => {
  it.each(CANDLE_UNITS)('has candles of %s, which end with the last trade', async (unit) => {
    const { quotation, exchange } = await quotationOnPaper();

    const { candles, exchangeClock } = await quotation.fetchCandles(BTC, unit, { count: 2, inKrw: unit === '1d' });
    const [trade] = await quotation.fetchTrades(BTC, { count: 1 });

    expect(exchangeClock).toBe(Math.floor(exchange.marketTime() / 1_000) * 1_000);
    expect(candles[0]).toMatchObject({ market: BTC, close: trade?.price, lastTradeAt: trade?.at });
    expect(candles[0]?.day?.closeKrw).toBe(unit === '1d' ? trade?.price : undefined);
    expect(candles[0]?.firstDay !== undefined).toBe(['1w', '1M', '1y'].includes(unit));
  });

  it('has the minutes that the trading client has', async () => {
    const { quotation, client } = await quotationOnPaper();

    const { candles } = await quotation.fetchCandles(BTC, '1m', { count: 200 });

    expect(candles).toMatchObject((await client.fetchMinuteCandles(BTC, { count: 200 })).candles);
  });

  it('stops before the instant that is asked for', async () => {
    const { quotation } = await quotationOnPaper();
    const to = Date.parse('2025-09-01T01:00:00Z');

    for (const [instant, newest] of [
      [to, '00:45'],
      [to + 1, '01:00'],
      [to + 900_000, '01:00'],
    ] as const) {
      const { candles } = await quotation.fetchCandles(BTC, '15m', { to: instant, count: 1 });
      expect(new Date(candles[0]?.ts ?? 0).toISOString()).toContain(newest);
    }
  });

  it('lists markets with what they warn of, and their price steps', async () => {
    const { quotation } = await quotationOnPaper();

    expect(await quotation.listMarkets()).toEqual([
      { market: 'KRW-BTC', koreanName: '비트코인', englishName: 'Bitcoin', warning: false, cautions: [] },
      { market: 'KRW-ETH', koreanName: '이더리움', englishName: 'Ethereum', warning: false, cautions: [] },
    ]);
    expect(await quotation.fetchInstruments(MARKETS)).toMatchObject([
      { market: 'KRW-BTC', tickSize: '1000', bookLevels: ['0'] },
      { market: 'KRW-ETH', quoteCurrency: 'KRW' },
    ]);
  });

  it('has tickers of several markets and of all of a currency', async () => {
    const { quotation } = await quotationOnPaper();

    const named = await quotation.fetchTickers(MARKETS);
    const all = await quotation.fetchAllTickers(['KRW', 'BTC']);
    const { candles } = await quotation.fetchCandles(BTC, '1d', { count: 1 });

    expect(all).toEqual(named);
    expect(named.map(({ market }) => market)).toEqual(MARKETS);
    expect(named[0]).toMatchObject({
      price: candles[0]?.close,
      open: candles[0]?.open,
      volume: candles[0]?.volume,
      change: candles[0]?.day?.change,
    });
  });

  it('has order books, best prices first, with what an order of ours took and what rests there', async () => {
    const { quotation, transport } = await quotationOnPaper(THIN_BOOK);
    const [before, eth] = await quotation.fetchOrderBooks(MARKETS);
    const [trade] = await quotation.fetchTrades(BTC, { count: 1 });
    const prices = (levels: readonly BookLevel[] = []) => levels.map(({ price }) => Number(price));

    expect([before?.market, eth?.market, before?.level, before?.timestamp]).toEqual([...MARKETS, '0', trade?.at]);
    expect([before?.asks.length, before?.bids.length]).toEqual([30, 30]);
    expect(prices(before?.asks)).toEqual(prices(before?.asks).toSorted((a, b) => a - b));
    expect(prices(before?.bids)).toEqual(prices(before?.bids).toSorted((a, b) => b - a));
    expect(prices(before?.asks)[0]).toBeGreaterThan(prices(before?.bids)[0] ?? 0);
    const cut = await quotation.fetchOrderBooks([BTC], { count: 5, level: '0' });
    expect(cut).toEqual([{ ...before, asks: before?.asks.slice(0, 5), bids: before?.bids.slice(0, 5) }]);

    // Inside the spread, where nobody else is.
    const price = String((prices(before?.bids)[0] ?? 0) + 1_000);
    const operator = createUpbitOperator(transport);
    await operator.createOrder({ market: BTC, type: 'limit', side: 'bid', price, volume: '0.0005' }, 'resting');
    const [ask] = before?.asks ?? [];
    const whole = { price: ask?.price ?? '', volume: ask?.size ?? '' };
    await operator.createOrder({ market: BTC, type: 'limit', side: 'bid', ...whole }, 'taking');
    const [after] = await quotation.fetchOrderBooks([BTC]);
    expect(after?.bids.slice(0, 2)).toEqual([{ price, size: '0.0005' }, before?.bids[0]]);
    expect(after?.asks[0]).toEqual(before?.asks[1]);
    expect(await quotation.fetchOrderBooks([BTC], { level: '10000' })).toEqual([]);
    await expect(quotation.fetchOrderBooks(['KRW-BTC', 'KRW-NONE'])).rejects.toThrow(UnknownMarket);
  });

  it('pages back through trades by their ids', async () => {
    const { quotation } = await quotationOnPaper();

    const whole = await quotation.fetchTrades(BTC, { count: 6 });
    const first = await quotation.fetchTrades(BTC, { count: 3 });
    const second = await quotation.fetchTrades(BTC, { count: 3, cursor: first[2]?.id ?? '' });

    expect([...first, ...second]).toEqual(whole);
    expect(Number.isSafeInteger(Number(whole[0]?.id))).toBe(false);
    expect(await quotation.fetchTrades(BTC, { count: 1, to: '00:00:02' })).toMatchObject([
      { at: Date.parse('2025-09-01T00:00:01.500Z'), price: '150000000' },
    ]);
    expect(await quotation.fetchTrades(BTC, { count: 1, daysAgo: 1 })).toEqual([]);
  });

  it('tells when the account keys expire', async () => {
    const { transport, exchange } = await quotationOnPaper();

    const { keys, exchangeClock } = await fetchAccountKeys(transport);

    expect(exchangeClock).toBe(Math.floor(exchange.marketTime() / 1_000) * 1_000);
    expect(keys).toEqual([{ accessKey: 'access', expiresAt: exchangeClock + 365 * 86_400_000 }]);
  });

  it('names a market that is not listed, alone or among others', async () => {
    const { quotation } = await quotationOnPaper();
    const asks = [
      quotation.fetchCandles('KRW-NONE', '1w', { count: 1 }),
      quotation.fetchTickers(['KRW-BTC', 'KRW-NONE']),
      quotation.fetchInstruments(['KRW-NONE']),
      quotation.fetchTrades('KRW-NONE', { count: 1 }),
    ];

    for (const failure of await Promise.all(asks.map((ask) => ask.catch((thrown: Error) => thrown)))) {
      expect(failure).toBeInstanceOf(UnknownMarket);
      expect((failure as Error).message).toContain('KRW-NONE');
    }
  });

  it('says what the exchange minded about a request', async () => {
    const { quotation } = await quotationOnPaper();

    await expect(quotation.fetchCandles(BTC, '1d', { count: 0 })).rejects.toThrow(UnexpectedResponse);
    await expect(quotation.fetchTrades(BTC, { count: 1, daysAgo: 9 })).rejects.toThrow(/Invalid parameter/);
    await expect(quotation.fetchTrades(BTC, { count: 1, cursor: 'x' })).rejects.toThrow(/Type mismatch/);
    await expect(quotation.fetchTickers([])).rejects.toThrow(/Missing request parameter/);
  });

  it.each([
    ['http-429', RateLimited],
    ['http-418', Banned],
    ['market-offline', MarketOffline],
  ] as const)('meets %s under its name', async (kind, error) => {
    const { quotation, control } = await quotationOnPaper();
    await control.add({ kind, endpoint: 'GET /v1/ticker', next: 1 });

    await expect(quotation.fetchTickers([BTC])).rejects.toThrow(error);
  });

  it('refuses an answer that breaks off or is none', async () => {
    const { quotation, control } = await quotationOnPaper();
    await control.add({ kind: 'truncated', endpoint: 'GET /v1/candles/days', next: 1 });
    await control.add({ kind: 'garbage', when: 'after', endpoint: 'GET /v1/trades/ticks', next: 1 });

    await expect(quotation.fetchCandles(BTC, '1d', { count: 1 })).rejects.toThrow();
    await expect(quotation.fetchTrades(BTC, { count: 1 })).rejects.toThrow(UnexpectedResponse);
  });

  it('waits for the next second when a group is used up, the other groups go on', async () => {
    const wall = { now: () => Date.now() };
    const exchange = await startForTest({ feed: 'simulated', replayFiles: [], markets: [BTC], wallClock: wall.now });
    const quotation = createUpbitQuotation(createTransport({ baseUrl: exchange.url }));

    const tickers = [];
    for (let call = 0; call < 13; call += 1) tickers.push(await quotation.fetchTickers([BTC]));
    await quotation.fetchTrades(BTC, { count: 1 });

    expect(tickers).toHaveLength(13);
  });
});
