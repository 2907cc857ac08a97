import assert from 'node:assert/strict';
import { AuthenticationFailed, UnexpectedResponse } from '../../exchange/errors.ts';
import type { StreamEvent } from '../../exchange/upbit/stream/events.ts';
import { STREAM_CANDLE_UNITS } from '../../exchange/upbit/stream/short-names.ts';
import { openAccountStream, openQuoteStream } from '../../exchange/upbit/stream/stream.ts';
import type { Format, QuoteSubscription } from '../../exchange/upbit/stream/subscription.ts';
import { agree, type Case, type Suite } from './case.ts';
import { eventually } from './eventually.ts';
import { BTC, ETH, openStage, type Stage } from './stage.ts';

const FORMATS: readonly Format[] = ['DEFAULT', 'SIMPLE', 'JSON_LIST', 'SIMPLE_LIST'];
/** Numbers of prices of an order book that may be subscribed to. */
const BOOK_COUNTS = [1, 5, 15, 30] as const;
const SPEED = 60;
const TIMING = { firstRetryMs: 20, longestRetryMs: 100, settleMs: 200 };
/** Two minutes of market time: trades, and another candle. */
const WALL_STEP_MS = 120_000 / SPEED;
const QUOTES = new Set<StreamEvent['kind']>(['ticker', 'trade', 'orderbook', 'candle']);

/** What is told by WebSocket, which must be what REST answers. */
export const STREAMS: Suite = {
  area: 'streams',
  open: () => openStage({ book: 'levels', speed: SPEED }),
  cases: [
    ...FORMATS.map(quotesIn),
    ...BOOK_COUNTS.map(bookOf),
    agree('myOrder and myAsset tell of every step of an order and of the balances after it', async (stage) => {
      const { client } = stage;
      const { of, close } = listenToAccount(stage);
      try {
        await eventually('the stream flows', () => of('gap').length === 1);
        const identifier = stage.newName();
        await client.createOrder({ market: BTC, identifier, type: 'market', side: 'bid', spendKrw: '1000000' });
        const steps = () => of('order').map(({ order }) => order);
        await eventually('the order is over', () => /done|cancel/.test(steps().at(-1)?.state ?? ''));
        const order = await client.fetchOrder({ identifier });
        const fills = steps().flatMap(({ fill }) => fill ?? []);
        assert.deepEqual([steps()[0]?.state, steps().at(-1)?.state], ['wait', order?.state]);
        assert.deepEqual(
          fills.map(({ exchangeTradeId, price, volume }) => [exchangeTradeId, price, volume]),
          order?.fills.map(({ exchangeTradeId, price, volume }) => [exchangeTradeId, price, volume]),
        );
        assert.ok(fills.length > 0 && fills.every(({ isMaker, fee }) => isMaker === false && fee !== undefined));
        const last = steps().at(-1);
        assert.deepEqual([last?.identifier, last?.paidFee], [identifier, order?.paidFee]);
        const balances = await client.fetchBalances();
        await eventually('the balances are told', () => of('assets').length > 0);
        assert.deepEqual(
          of('assets').at(-1)?.assets.assets,
          balances.map(({ currency, free, locked }) => ({ currency, free, locked })),
        );
      } finally {
        await close();
      }
    }),
    agree('an order in the place of another is told of after the end of that', async (stage) => {
      const { client, operator } = stage;
      const [first, second] = [stage.newName(), stage.newName()];
      const ticket = { market: BTC, type: 'limit', side: 'bid', price: '130000000', volume: '0.0001' } as const;
      const { of, close } = listenToAccount(stage);
      try {
        await eventually('the stream flows', () => of('gap').length === 1);
        await client.createOrder({ ...ticket, identifier: first });
        await operator.replaceOrder({ identifier: first }, ticket, second);
        await eventually('three steps', () => of('order').length === 3);
        assert.deepEqual(
          of('order').map(({ order }) => [order.identifier, order.state]),
          [
            [first, 'wait'],
            [first, 'cancel'],
            [second, 'wait'],
          ],
        );
        await client.cancelOrder({ identifier: second });
      } finally {
        await close();
      }
    }),
    agree('INVALID_AUTH ends a line with a key that is none, and the third ends it for good', async (stage) => {
      const { of, close } = listenToAccount(stage, 'another secret');
      try {
        await eventually('the stream has stopped', () => of('stopped').length === 1);
        assert.equal(of('refused').length, 3);
        const [stopped] = of('stopped');
        assert.ok(stopped?.error instanceof AuthenticationFailed);
        assert.equal(stopped.error.reason, 'INVALID_AUTH');
      } finally {
        await close();
      }
    }),
    agree('INVALID_PARAM refuses a market that is not listed, and says so', async (stage) => {
      const { of, close } = listen(stage, [{ type: 'trade', markets: ['KRW-NONE'] }]);
      try {
        await eventually('it is refused', () => of('refused').length > 0);
        const error = of('refused')[0]?.error;
        assert.ok(error instanceof UnexpectedResponse);
        assert.match(error.message, /INVALID_PARAM/);
      } finally {
        await close();
      }
    }),
  ],
};

function quotesIn(format: Format): Case {
  return agree(`ticker, trade, orderbook and every candle in ${format}, as REST has them`, async (stage) => {
    const { quotation, wall } = stage;
    const subscriptions: QuoteSubscription[] = [
      ...(['ticker', 'trade', 'orderbook'] as const).map((type) => ({ type, markets: [BTC, ETH] })),
      ...STREAM_CANDLE_UNITS.map((unit) => ({ type: `candle.${unit}` as const, markets: [BTC] })),
    ];
    const { of, close, kinds } = listen(stage, subscriptions, format);
    try {
      await eventually('the stream flows', () => of('gap').length === 1);
      const before = of('candle').length;
      wall.pass(WALL_STEP_MS);
      // The last that each look tells.
      await eventually('the longest candle', () => of('candle').slice(before).at(-1)?.unit === '240m');
      assert.deepEqual([...kinds()].sort(), ['candle', 'orderbook', 'ticker', 'trade']);
      assert.deepEqual([of('unreadable'), of('refused'), of('disconnected')], [[], [], []]);

      const [ticker] = await quotation.fetchTickers([BTC]);
      const [book] = await quotation.fetchOrderBooks([BTC]);
      const tradesOfBtc = of('trade').filter(({ trade }) => trade.market === BTC);
      const trades = await quotation.fetchTrades(BTC, { count: tradesOfBtc.length });
      assert.deepEqual(of('ticker').findLast((told) => told.ticker.market === BTC)?.ticker, ticker);
      assert.deepEqual(of('orderbook').findLast((told) => told.book.market === BTC)?.book, book);
      assert.deepEqual(tradesOfBtc.map(({ trade }) => trade).toReversed(), trades);
      for (const unit of STREAM_CANDLE_UNITS) {
        const told = of('candle').filter((one) => one.unit === unit);
        const newest = told.at(-1)?.candle;
        const { candles } = await quotation.fetchCandles(BTC, unit, { count: 1 });
        assert.deepEqual([told[0]?.origin, newest], ['snapshot', candles[0]]);
      }
    } finally {
      await close();
    }
  });
}

function bookOf(count: number): Case {
  return agree(`orderbook of the best ${count} prices`, async (stage) => {
    const { of, close } = listen(stage, [{ type: 'orderbook', markets: [`${BTC}.${count}`] }]);
    try {
      await eventually('a snapshot', () => of('orderbook').length > 0);
      const [book] = await stage.quotation.fetchOrderBooks([BTC], { count });
      assert.deepEqual(of('orderbook').at(-1)?.book, book);
      assert.deepEqual([book?.asks.length, book?.bids.length], [count, count]);
    } finally {
      await close();
    }
  });
}

function listen(stage: Stage, subscriptions: readonly QuoteSubscription[], format: Format = 'DEFAULT') {
  const heard = listener();
  const stream = openQuoteStream({ ...heard.options(stage), subscriptions, format });
  return { ...heard, close: () => stream.close() };
}

function listenToAccount(stage: Stage, secretKey = stage.keys.secretKey) {
  const heard = listener();
  const keys = { ...stage.keys, secretKey };
  const subscriptions = [{ type: 'myOrder' }, { type: 'myAsset' }] as const;
  const stream = openAccountStream({ ...heard.options(stage), keys, subscriptions });
  return { ...heard, close: () => stream.close() };
}

function listener() {
  type Kind<K extends StreamEvent['kind']> = Extract<StreamEvent, { kind: K }>;
  const events: StreamEvent[] = [];
  return {
    options: (stage: Stage) => ({
      baseUrl: stage.url,
      timing: TIMING,
      onEvent: (event: StreamEvent): void => void events.push(event),
    }),
    of: <K extends StreamEvent['kind']>(kind: K) => events.filter((event): event is Kind<K> => event.kind === kind),
    /** Of what quotes there were. */
    kinds: () => new Set(events.map(({ kind }) => kind).filter((kind) => QUOTES.has(kind))),
  };
}
