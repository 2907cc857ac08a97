import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { UnexpectedResponse } from '../../../exchange/errors.ts';
import type { Quotation } from '../../../exchange/quotation-port.ts';
import { fetchAccountKeys } from '../../../exchange/upbit/account-keys.ts';
import { candlesSchemaOf } from '../../../exchange/upbit/quotation/candle-schema.ts';
import { createUpbitQuotation } from '../../../exchange/upbit/quotation/quotation.ts';
import { createTransport, type Transport } from '../../../exchange/upbit/transport.ts';
import { candlesSchema, parseLosslessJson } from '../../../exchange/upbit/wire.ts';
import { ANSWERS } from './quotation-answers.ts';

/** An exchange that gives one answer, whatever it is asked, and notes what that was. */
async function answering(body: string) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.setHeader('content-type', 'application/json').end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const transport = createTransport({ baseUrl, keys: { accessKey: 'access', secretKey: 'secret' } });
  return { transport, quotation: createUpbitQuotation(transport), asked };
}

type Ask = (quotation: Quotation, transport: Transport) => Promise<unknown>;

/** Every answer, how it is asked for, how that is written, and what is read. */
const CASES: [answer: keyof typeof ANSWERS, ask: Ask, asked: string, read: unknown][] = [
  [
    'minutes',
    (quotation) => quotation.fetchCandles('KRW-BTC', '1m', { count: 200, to: 1_610_125_560_000 }),
    '/v1/candles/minutes/1?market=KRW-BTC&to=2021-01-08T17%3A06%3A00Z&count=200',
    {
      candles: [
        {
          market: 'KRW-BTC',
          ts: Date.parse('2021-01-08T17:05:00Z'),
          open: '47550000',
          high: '47563000',
          low: '47550000',
          close: '47551000',
          volume: '0.92535793',
          quoteVolume: '44005459.60087',
          lastTradeAt: 1_610_125_540_014,
        },
      ],
    },
  ],
  [
    'hours',
    (quotation) => quotation.fetchCandles('USDT-BTC', '60m', { count: 1 }),
    '/v1/candles/minutes/60?market=USDT-BTC&count=1',
    { candles: [{ market: 'USDT-BTC', open: '72738.58583492', high: '73578.657', close: '73578.655' }] },
  ],
  [
    'days',
    (quotation) => quotation.fetchCandles('KRW-BTC', '1d', { count: 1, inKrw: true }),
    '/v1/candles/days?market=KRW-BTC&count=1&converting_price_unit=KRW',
    {
      candles: [
        {
          quoteVolume: '868607517589.245',
          day: { previousClose: '44698000', change: '2846000', changeRate: '0.0636717527', closeKrw: undefined },
        },
      ],
    },
  ],
  [
    'weeks',
    // Half a second later a candle of that second has opened as well.
    (quotation) => quotation.fetchCandles('KRW-BTC', '1w', { count: 1, to: Date.UTC(2021, 0, 8, 0, 0, 0, 500) }),
    '/v1/candles/weeks?market=KRW-BTC&to=2021-01-08T00%3A00%3A01Z&count=1',
    { candles: [{ ts: Date.UTC(2021, 0, 4), firstDay: '2021-01-04', quoteVolume: '3531977900551.1753' }] },
  ],
  [
    'months',
    (quotation) => quotation.fetchCandles('KRW-BTC', '1M', { count: 1 }),
    '/v1/candles/months?market=KRW-BTC&count=1',
    { candles: [{ firstDay: '2021-01-01', volume: '136975.61257404' }] },
  ],
  [
    'ticker',
    (quotation) => quotation.fetchTickers(['KRW-BTC', 'KRW-ETH']),
    '/v1/ticker?markets=KRW-BTC%2CKRW-ETH',
    [
      {
        market: 'KRW-BTC',
        tradedAt: 1_610_127_981_000,
        price: '47577000',
        lastVolume: '0.00033988',
        open: '44698000',
        high: '48550000',
        low: '42271000',
        volume: '18804.39719428',
        quoteVolume: '861919074055.3187',
        volume24h: '23822.32449006',
        quoteVolume24h: '1082457070848.9071',
        previousClose: '44698000',
        direction: 'rise',
        change: '2879000',
        changeRate: '0.0644100407',
        highest: { price: '48550000', day: '2021-01-08' },
        lowest: { price: '5489000', day: '2020-03-13' },
        timestamp: 1_610_127_981_564,
      },
    ],
  ],
  [
    'tickerOf2024',
    (quotation) => quotation.fetchAllTickers(['KRW', 'USDT']),
    '/v1/ticker/all?quote_currencies=KRW%2CUSDT',
    // 22 digits: a JavaScript number holds 17.
    [{ quoteVolume: '306095.1228293561797048' }],
  ],
  [
    'trades',
    (quotation) =>
      quotation.fetchTrades('USDT-BTC', { count: 500, to: '11:00:00', daysAgo: 1, cursor: '17103275719220002' }),
    '/v1/trades/ticks?market=USDT-BTC&count=500&to=11%3A00%3A00&days_ago=1&cursor=17103275719220002',
    [
      {
        market: 'USDT-BTC',
        at: 1_710_327_571_922,
        price: '73249.665',
        volume: '0.00840925',
        previousClose: '71126.14598036',
        change: '2123.51901964',
        taker: 'ask',
        id: '17103275719220001',
      },
    ],
  ],
  [
    'orderBook',
    (quotation) => quotation.fetchOrderBooks(['KRW-BTC'], { level: '0', count: 2 }),
    '/v1/orderbook?markets=KRW-BTC&level=0&count=2',
    [
      {
        market: 'KRW-BTC',
        timestamp: 1_746_601_573_804,
        asks: [
          { price: '137002000', size: '0.10623869' },
          { price: '137023000', size: '0.06144079' },
        ],
        bids: [
          { price: '137001000', size: '0.03656812' },
          { price: '137000000', size: '0.33543284' },
        ],
        totalAskSize: '4.79158413',
        totalBidSize: '2.65609625',
        level: '0',
      },
    ],
  ],
  [
    'instruments',
    (quotation) => quotation.fetchInstruments(['KRW-BTC']),
    '/v1/orderbook/instruments?markets=KRW-BTC',
    [
      {
        market: 'KRW-BTC',
        quoteCurrency: 'KRW',
        tickSize: '1000',
        bookLevels: ['0', '10000', '100000', '1000000', '10000000', '100000000'],
      },
    ],
  ],
  [
    'markets',
    (quotation) => quotation.listMarkets(),
    '/v1/market/all?is_details=true',
    [
      {
        market: 'KRW-BTC',
        koreanName: '비트코인',
        englishName: 'Bitcoin',
        warning: true,
        cautions: ['TRADING_VOLUME_SOARING', 'GLOBAL_PRICE_DIFFERENCES'],
      },
    ],
  ],
  [
    'keys',
    (_quotation, transport) => fetchAccountKeys(transport),
    '/v1/api_keys',
    { keys: [{ accessKey: 'abc', expiresAt: Date.UTC(2021, 2, 9, 12, 39, 39) }] },
  ],
];

test.each(CASES)('the answer %s is asked for and read to the last digit', async (name, ask, asked, read) => {
  const exchange = await answering(ANSWERS[name]);

  expect(await ask(exchange.quotation, exchange.transport)).toMatchObject(read as object);
  expect(exchange.asked).toEqual([asked]);
});

test.each(CASES)('the answer %s may have more to say', async (name, ask) => {
  const more = ANSWERS[name].replace('[{', '[{"a_new_field":{"of":[1,"any",null]},');
  const { quotation, transport } = await answering(more);

  await expect(ask(quotation, transport)).resolves.toBeDefined();
});

/** What the client takes over from each answer; what is only said twice (dates, Korean time) is not relied on. */
const RELIED_ON = {
  minutes: [
    'market',
    'candle_date_time_utc',
    'opening_price',
    'high_price',
    'low_price',
    'trade_price',
    'timestamp',
    'candle_acc_trade_price',
    'candle_acc_trade_volume',
    'unit',
  ],
  days: ['prev_closing_price', 'change_price', 'change_rate'],
  weeks: ['first_day_of_period'],
  ticker: [
    'market',
    'trade_timestamp',
    'opening_price',
    'high_price',
    'low_price',
    'trade_price',
    'prev_closing_price',
    'change',
    'signed_change_price',
    'signed_change_rate',
    'trade_volume',
    'acc_trade_price',
    'acc_trade_price_24h',
    'acc_trade_volume',
    'acc_trade_volume_24h',
    'highest_52_week_price',
    'highest_52_week_date',
    'lowest_52_week_price',
    'lowest_52_week_date',
    'timestamp',
  ],
  trades: [
    'market',
    'timestamp',
    'trade_price',
    'trade_volume',
    'prev_closing_price',
    'change_price',
    'ask_bid',
    'sequential_id',
  ],
  orderBook: ['market', 'timestamp', 'total_ask_size', 'total_bid_size', 'orderbook_units', 'level'],
  instruments: ['market', 'quote_currency', 'tick_size', 'supported_levels'],
  markets: ['market', 'korean_name', 'english_name', 'market_event'],
  keys: ['access_key', 'expire_at'],
} as const;

const faults = Object.entries(RELIED_ON).flatMap(([name, fields]) => fields.map((field) => [name, field] as const));

test.each(faults)('the answer %s is refused by name when %s is missing or of another kind', async (name, field) => {
  const whole = ANSWERS[name as keyof typeof ANSWERS];
  const ask = CASES.find(([one]) => one === name)?.[1];
  const value = new RegExp(`"${field}":(?:"[^"]*"|\\[\\{.*?\\}\\]|\\[[^\\]]*\\]|\\{.*?\\}\\}|[^,}]+)`);
  expect(whole).toMatch(value);

  for (const spoilt of [`"gone_${field}":0`, `"${field}":null`, `"${field}":true`, `"${field}":[{}]`]) {
    const { quotation, transport } = await answering(whole.replace(value, spoilt));
    const failure = await ask?.(quotation, transport).catch((thrown: Error) => thrown);

    expect(failure).toBeInstanceOf(UnexpectedResponse);
    expect((failure as Error).message).toContain(`0.${field}`);
  }
});

test.each([
  ['candles of another length', 'minutes', '"unit":1', '"unit":3', '0.unit'],
  ['a price that is no number', 'ticker', '"trade_price":47577000.0', '"trade_price":"dear"', '0.trade_price'],
  [
    'a price in a list of levels',
    'orderBook',
    '"ask_size":0.06144079',
    '"ask_size":null',
    'orderbook_units.1.ask_size',
  ],
  ['a direction that is none', 'ticker', '"RISE"', '"UP"', '0.change'],
  ['a broken id', 'trades', '17103275719220001', '1.7e16', '0.sequential_id'],
  ['a caution that is no yes or no', 'markets', '"PRICE_FLUCTUATIONS":false', '"PRICE_FLUCTUATIONS":"no"', 'caution'],
] as const)('%s is refused', async (_name, name, whole, spoilt, said) => {
  expect(ANSWERS[name]).toContain(whole);
  const { quotation, transport } = await answering(ANSWERS[name].replace(whole, spoilt));
  const ask = CASES.find(([one]) => one === name)?.[1];

  const failure = await ask?.(quotation, transport).catch((thrown: Error) => thrown);

  expect(failure).toBeInstanceOf(UnexpectedResponse);
  expect((failure as Error).message).toContain(said);
});

test('an empty list is an answer: of a level that is not supported there is no book', async () => {
  const { quotation } = await answering('[]');

  expect(await quotation.fetchOrderBooks(['KRW-BTC'], { level: '7' })).toEqual([]);
});

const sample = '../shared/upbit-samples/candles-minutes-1.json';
const haveSample = existsSync(sample);
if (!haveSample) console.info(`not run: a real page of minutes (${sample} is not on this machine)`);

test.runIf(haveSample)('a real page of minutes reads as the trading client reads it', () => {
  const page = parseLosslessJson(readFileSync(sample, 'utf8'));

  const candles = candlesSchemaOf('1m').parse(page);

  expect(candles.length).toBeGreaterThan(100);
  expect(candles).toMatchObject(candlesSchema.parse(page));
});
