import assert from 'node:assert/strict';
import { UnknownMarket } from '../../exchange/errors.ts';
import { type BookLevel, CANDLE_UNITS, type CandleUnit } from '../../exchange/quotation-port.ts';
import { Exact } from '../../strategy/exact-decimal.ts';
import { agree, type Case, type Suite } from './case.ts';
import { failureOf } from './failing.ts';
import { BTC, ETH, openStage } from './stage.ts';

const MARKETS = [BTC, ETH];
const NOWHERE = 'KRW-NONE';
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** More than a page of minutes, those without a trade left out. */
const BEYOND_A_PAGE_MS = 30 * MINUTE_MS;

/** Every public price, from an exchange with an order book. */
export const QUOTATION: Suite = {
  area: 'quotation',
  async open() {
    const stage = await openStage({ book: 'levels' });
    stage.wall.pass(BEYOND_A_PAGE_MS);
    return stage;
  },
  cases: [
    agree('markets with their names and what they warn of', async ({ quotation, client }) => {
      const markets = await quotation.listMarkets();
      assert.deepEqual(
        markets.map(({ market }) => market),
        MARKETS,
      );
      assert.deepEqual(await client.listMarkets(), MARKETS);
      for (const { koreanName, englishName, warning, cautions } of markets) {
        assert.deepEqual([koreanName === '', englishName === '', warning, cautions], [false, false, false, []]);
      }
    }),
    ...CANDLE_UNITS.map(candlesOf),
    agree('candles end before the instant that is given', async ({ quotation, client }) => {
      const [forming] = (await quotation.fetchCandles(BTC, '1m', { count: 1 })).candles;
      const to = forming?.ts ?? 0;
      const { candles } = await quotation.fetchCandles(BTC, '1m', { to, count: 3 });
      assert.equal(candles.length, 3);
      assert.ok(candles.every(({ ts }, index) => ts < (candles[index - 1]?.ts ?? to)));
      const traded = (await client.fetchMinuteCandles(BTC, { to, count: 3 })).candles;
      assert.deepEqual(
        traded.map(({ ts, close, volume }) => [ts, close, volume]),
        candles.map(({ ts, close, volume }) => [ts, close, volume]),
      );
    }),
    agree('more than 200 candles are cut to 200', async ({ quotation }) => {
      assert.equal((await quotation.fetchCandles(BTC, '1m', { count: 201 })).candles.length, 200);
    }),
    agree('tickers of named markets and of all of a currency', async ({ quotation }) => {
      const named = await quotation.fetchTickers(MARKETS);
      const [trade] = await quotation.fetchTrades(BTC, { count: 1 });
      assert.deepEqual(await quotation.fetchAllTickers(['KRW', 'BTC']), named);
      assert.deepEqual([named[0]?.market, named[0]?.price, named[0]?.tradedAt], [BTC, trade?.price, trade?.at]);
    }),
    agree('trades, newest first, paged by ids beyond 2^53', async ({ quotation }) => {
      const whole = await quotation.fetchTrades(BTC, { count: 6 });
      const first = await quotation.fetchTrades(BTC, { count: 3 });
      const rest = await quotation.fetchTrades(BTC, { count: 3, cursor: first.at(-1)?.id ?? '' });
      assert.deepEqual([...first, ...rest], whole);
      assert.ok(whole.every(({ id }) => !Number.isSafeInteger(Number(id))));
      const midnight = Math.floor((whole[0]?.at ?? 0) / DAY_MS) * DAY_MS;
      const before = await quotation.fetchTrades(BTC, { count: 3, daysAgo: 1 });
      assert.ok(before.every(({ at }) => at < midnight));
    }),
    agree('order books of thirty prices a side, best first, sums and all', async ({ quotation, marketTime }) => {
      const books = await quotation.fetchOrderBooks(MARKETS);
      assert.deepEqual(
        books.map(({ market }) => market),
        MARKETS,
      );
      for (const { asks, bids, totalAskSize, totalBidSize, level, timestamp } of books) {
        assert.deepEqual([asks.length, bids.length, level], [30, 30, '0']);
        assert.ok(timestamp <= marketTime());
        assert.ok(asks.every(({ price }, index) => Number(price) > Number(asks[index - 1]?.price ?? 0)));
        assert.ok(bids.every(({ price }, index) => Number(price) < Number(bids[index - 1]?.price ?? asks[0]?.price)));
        assert.deepEqual([sumOf(asks), sumOf(bids)], [totalAskSize, totalBidSize]);
      }
    }),
    agree('order books of so many prices; none of a step that is not there', async ({ quotation }) => {
      const [book] = await quotation.fetchOrderBooks([BTC], { count: 5, level: '0' });
      const [whole] = await quotation.fetchOrderBooks([BTC]);
      assert.deepEqual([book?.asks, book?.bids], [whole?.asks.slice(0, 5), whole?.bids.slice(0, 5)]);
      assert.deepEqual(await quotation.fetchOrderBooks([BTC], { level: '10000' }), []);
    }),
    agree('price steps and what pays for a market', async ({ quotation }) => {
      const [btc, eth] = await quotation.fetchInstruments(MARKETS);
      assert.deepEqual(btc, { market: BTC, quoteCurrency: 'KRW', tickSize: '1000', bookLevels: ['0'] });
      assert.equal(eth?.market, ETH);
    }),
    agree('a market that is not listed, alone and among others', async ({ quotation, client }) => {
      const asks = [
        () => quotation.fetchCandles(NOWHERE, '1w', { count: 1 }),
        () => quotation.fetchTickers([BTC, NOWHERE]),
        () => quotation.fetchOrderBooks([NOWHERE]),
        () => quotation.fetchInstruments([NOWHERE]),
        () => quotation.fetchTrades(NOWHERE, { count: 1 }),
        () => client.fetchMinuteCandles(NOWHERE as typeof BTC, { count: 1 }),
      ];
      for (const ask of asks) assert.ok((await failureOf(ask())) instanceof UnknownMarket);
    }),
  ],
};

function candlesOf(unit: CandleUnit): Case {
  return agree(`candles of ${unit}`, async ({ quotation, marketTime }) => {
    const { candles, exchangeClock } = await quotation.fetchCandles(BTC, unit, { count: 2, inKrw: unit === '1d' });
    const [trade] = await quotation.fetchTrades(BTC, { count: 1 });
    const [newest] = candles;
    assert.equal(exchangeClock, Math.floor(marketTime() / 1_000) * 1_000);
    assert.deepEqual([newest?.market, newest?.close, newest?.lastTradeAt], [BTC, trade?.price, trade?.at]);
    assert.equal(newest?.day?.closeKrw, unit === '1d' ? trade?.price : undefined);
    assert.equal(newest?.firstDay !== undefined, ['1w', '1M', '1y'].includes(unit));
  });
}

function sumOf(levels: readonly BookLevel[]): string {
  return levels.reduce((total, { size }) => total.plus(size), new Exact(0)).toFixed();
}
