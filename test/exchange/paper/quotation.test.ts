import { expect, test } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { createHistory } from '../../../exchange/paper/feed/history.ts';
import { DAY_MS } from '../../../exchange/paper/feed/minute-candle.ts';
import { ReplaySeries } from '../../../exchange/paper/feed/replay-series.ts';
import { tickerAt } from '../../../exchange/paper/feed/ticker.ts';
import { openFaulty } from './faults/faulty.ts';
import { BTC_FILE, ETH_FILE, get, signed, standingWall, startForTest } from './paper.ts';

const DAY = 86_400_000;
const BTC = parseMarket('KRW-BTC');
const MARKETS = [BTC, parseMarket('KRW-ETH')];

/**
 * A replay of 2025-09-01, standing at 03:22:10: 200 rows of the file and three of the twenty trades of the next one,
 * added up by hand below.
 */
async function openReplay() {
  const wall = standingWall();
  const exchange = await startForTest({ wallClock: wall.now, markets: MARKETS, replayFiles: [BTC_FILE, ETH_FILE] });
  wall.pass(10_000);
  return { wall, ...exchange, text: async (path: string) => (await fetch(`${exchange.url}${path}`)).text() };
}

/** A simulation that has gone on for a number of days since 2025-01-01T03:27 or so. */
async function openSimulation(days: number) {
  const wall = standingWall();
  const exchange = await startForTest({ feed: 'simulated', replayFiles: [], markets: [BTC], wallClock: wall.now });
  wall.pass(days * DAY);
  const of = async (path: string) => (await get(`${exchange.url}${path}`)).json;
  return { wall, of };
}

test.each([
  [
    'a second',
    '/v1/candles/seconds?market=KRW-BTC',
    '[{"market":"KRW-BTC","candle_date_time_utc":"2025-09-01T03:22:07","candle_date_time_kst":"2025-09-01T12:22:07",' +
      '"opening_price":150044000.0,"high_price":150044000.0,"low_price":150044000.0,"trade_price":150044000.0,' +
      '"timestamp":1756696927500,"candle_acc_trade_price":142736.20902,"candle_acc_trade_volume":0.00095128}]',
  ],
  [
    'four hours',
    '/v1/candles/minutes/240?market=KRW-BTC',
    '[{"market":"KRW-BTC","candle_date_time_utc":"2025-09-01T00:00:00","candle_date_time_kst":"2025-09-01T09:00:00",' +
      '"opening_price":150000000.0,"high_price":150051000.0,"low_price":149982000.0,"trade_price":150044000.0,' +
      '"timestamp":1756696927500,"candle_acc_trade_price":1193077982.88646,"candle_acc_trade_volume":7.95317479,"unit":240}]',
  ],
  [
    'a day, converted',
    '/v1/candles/days?market=KRW-BTC&converting_price_unit=KRW',
    '[{"market":"KRW-BTC","candle_date_time_utc":"2025-09-01T00:00:00","candle_date_time_kst":"2025-09-01T09:00:00",' +
      '"opening_price":150000000.0,"high_price":150051000.0,"low_price":149982000.0,"trade_price":150044000.0,' +
      '"timestamp":1756696927500,"candle_acc_trade_price":1193077982.88646,"candle_acc_trade_volume":7.95317479,' +
      '"prev_closing_price":150000000.0,"change_price":44000.0,"change_rate":0.0002933333,"converted_trade_price":150044000.0}]',
  ],
  [
    'a month',
    '/v1/candles/months?market=KRW-BTC',
    '[{"market":"KRW-BTC","candle_date_time_utc":"2025-09-01T00:00:00","candle_date_time_kst":"2025-09-01T09:00:00",' +
      '"opening_price":150000000.0,"high_price":150051000.0,"low_price":149982000.0,"trade_price":150044000.0,' +
      '"timestamp":1756696927500,"candle_acc_trade_price":1193077982.88646,"candle_acc_trade_volume":7.95317479,' +
      '"first_day_of_period":"2025-09-01"}]',
  ],
  [
    'a ticker',
    '/v1/ticker?markets=KRW-BTC',
    '[{"market":"KRW-BTC","trade_date":"20250901","trade_time":"032207","trade_date_kst":"20250901","trade_time_kst":"122207",' +
      '"trade_timestamp":1756696927500,"opening_price":150000000.0,"high_price":150051000.0,"low_price":149982000.0,' +
      '"trade_price":150044000.0,"prev_closing_price":150000000.0,"change":"RISE","change_price":44000.0,' +
      '"change_rate":0.0002933333,"signed_change_price":44000.0,"signed_change_rate":0.0002933333,' +
      '"trade_volume":0.00095128,"acc_trade_price":1193077982.88646,"acc_trade_price_24h":1193077982.88646,' +
      '"acc_trade_volume":7.95317479,"acc_trade_volume_24h":7.95317479,"highest_52_week_price":150051000.0,' +
      '"highest_52_week_date":"2025-09-01","lowest_52_week_price":149982000.0,"lowest_52_week_date":"2025-09-01",' +
      '"timestamp":1756696927500}]',
  ],
  [
    'a trade',
    '/v1/trades/ticks?market=KRW-BTC',
    '[{"market":"KRW-BTC","trade_date_utc":"2025-09-01","trade_time_utc":"03:22:07","timestamp":1756696927500,' +
      '"trade_price":150044000.0,"trade_volume":0.00095128,"prev_closing_price":150000000.0,"change_price":44000.0,' +
      '"ask_bid":"BID","sequential_id":17566969275000000}]',
  ],
  [
    'price steps',
    '/v1/orderbook/instruments?markets=KRW-BTC',
    '[{"market":"KRW-BTC","quote_currency":"KRW","tick_size":"1000","supported_levels":["0"]}]',
  ],
])('%s reads as on Upbit, digit for digit', async (_name, path, expected) => {
  const { text } = await openReplay();

  expect(await text(path)).toBe(expected);
});

test('candles of every length, ticker and trades agree on the market', async () => {
  const { of } = await openSimulation(3);
  const lengths = [
    'minutes/1',
    'minutes/30',
    'minutes/60',
    'minutes/240',
    'days',
    'weeks',
    'months',
    'years',
    'seconds',
  ];

  const newest = await Promise.all(lengths.map((length) => of(`/v1/candles/${length}?market=KRW-BTC`)));
  const [ticker] = await of('/v1/ticker?markets=KRW-BTC');
  const [trade] = await of('/v1/trades/ticks?market=KRW-BTC');
  const [day] = await of('/v1/candles/days?market=KRW-BTC');

  const last = { trade_price: trade.trade_price, timestamp: trade.timestamp };
  for (const [candle] of newest) expect(candle).toMatchObject(last);
  expect(ticker).toMatchObject({
    trade_price: trade.trade_price,
    trade_timestamp: trade.timestamp,
    trade_volume: trade.trade_volume,
    opening_price: day.opening_price,
    high_price: day.high_price,
    low_price: day.low_price,
    acc_trade_price: day.candle_acc_trade_price,
    acc_trade_volume: day.candle_acc_trade_volume,
    prev_closing_price: day.prev_closing_price,
    signed_change_price: day.change_price,
    signed_change_rate: day.change_rate,
  });
  expect(trade).toMatchObject({ prev_closing_price: day.prev_closing_price, change_price: day.change_price });
});

test('weeks begin on Monday, and no length but days and periods has more than a minute has', async () => {
  const { of } = await openSimulation(20);

  const weeks = await of('/v1/candles/weeks?market=KRW-BTC&count=3');
  const [second] = await of('/v1/candles/seconds?market=KRW-BTC');
  const [day] = await of('/v1/candles/days?market=KRW-BTC');

  expect(weeks.map((week: { first_day_of_period: string }) => week.first_day_of_period)).toEqual([
    '2025-01-20',
    '2025-01-13',
    '2025-01-06',
  ]);
  expect(weeks[0].candle_date_time_kst).toBe('2025-01-20T09:00:00');
  for (const key of ['unit', 'first_day_of_period', 'prev_closing_price']) expect(second).not.toHaveProperty(key);
  expect(weeks[0]).not.toHaveProperty('unit');
  expect(day).not.toHaveProperty('converted_trade_price');
});

test('a day changes against the last price of the day before', async () => {
  const { of } = await openSimulation(3);

  const days = await of('/v1/candles/days?market=KRW-BTC&count=200');

  expect(days).toHaveLength(4);
  for (const [index, day] of days.entries()) {
    const previous = days[index + 1]?.trade_price ?? day.opening_price;
    expect(day.prev_closing_price).toBe(previous);
    expect(day.change_price).toBe(day.trade_price - previous);
    expect(day.change_rate).toBeCloseTo((day.trade_price - previous) / previous, 9);
  }
});

test('`to` is exclusive and `count` cut for every length', async () => {
  const { of } = await openSimulation(3);
  const starts = async (length: string, to: string, count = 2) =>
    (await of(`/v1/candles/${length}?market=KRW-BTC&count=${count}&to=${encodeURIComponent(to)}`)).map(
      (candle: { candle_date_time_utc: string }) => candle.candle_date_time_utc,
    );

  expect(await starts('days', '2025-01-03T00:00:00Z')).toEqual(['2025-01-02T00:00:00', '2025-01-01T00:00:00']);
  expect(await starts('days', '2025-01-03T09:00:00+09:00', 1)).toEqual(['2025-01-02T00:00:00']);
  expect(await starts('days', '2025-01-03 00:00:01', 1)).toEqual(['2025-01-03T00:00:00']);
  expect(await starts('years', '2025-01-01T00:00:00Z')).toEqual([]);
  expect(await starts('minutes/240', '2025-01-03T04:00:00Z', 1)).toEqual(['2025-01-03T00:00:00']);
  const [afterIt] = await starts('seconds', '2025-01-03T00:00:02Z', 1);
  const [before] = await starts('seconds', '2025-01-03T00:00:01Z', 1);
  expect([afterIt, before]).toEqual(['2025-01-03T00:00:01', '2025-01-02T23:59:58']);
  expect(await starts('seconds', '2026-01-01T00:00:00Z', 1_000)).toHaveLength(200);
});

test('seconds are shown for three months', async () => {
  const { of } = await openSimulation(100);
  const seconds = async (to: string) => (await of(`/v1/candles/seconds?market=KRW-BTC&count=200&to=${to}`)).length;

  expect(await seconds('2025-01-02T00:00:00Z')).toBe(0);
  expect(await seconds('2025-04-02T00:00:00Z')).toBe(200);
});

test('tickers come in the order they are asked for, all of a currency together', async () => {
  const { url } = await openReplay();
  const codes = async (path: string) => (await get(`${url}${path}`)).json.map((one: { market: string }) => one.market);

  expect(await codes('/v1/ticker?markets=KRW-ETH,KRW-BTC')).toEqual(['KRW-ETH', 'KRW-BTC']);
  expect(await codes('/v1/ticker/all?quote_currencies=BTC,KRW')).toEqual(['KRW-BTC', 'KRW-ETH']);
  expect(await codes('/v1/ticker/all?quote_currencies=USDT')).toEqual([]);
});

test('the sums of 24 hours lose what is a day old, the day begins again at midnight UTC', async () => {
  const { wall, of } = await openSimulation(0);
  // Past the first trade of 2025-01-02.
  wall.pass(DAY);
  const [evening] = await of('/v1/ticker?markets=KRW-BTC');

  expect(evening.acc_trade_volume).toBeLessThan(evening.acc_trade_volume_24h);
  const [first] = await of('/v1/candles/days?market=KRW-BTC&to=2025-01-02T00:00:00Z');
  expect(evening.prev_closing_price).toBe(first.trade_price);
  expect(evening.trade_date).toBe('20250102');
});

test('52 weeks are the days before today and today', () => {
  const series = new ReplaySeries();
  const today = Date.UTC(2026, 5, 1);
  const day = (before: number, price: bigint): void => {
    const won = price * 10n ** 8n;
    const prices = { open: won, high: won, low: won, close: won };
    series.push({ start: today - before * DAY_MS, ...prices, volume: 10n ** 8n, value: 10n ** 5n });
  };
  day(365, 9_000n);
  day(364, 5_000n);
  day(300, 5_000n);
  day(10, 2_000n);
  day(0, 3_000n);

  const ticker = tickerAt(createHistory(series), today + 60_000);

  expect(ticker?.highest).toEqual({ price: 5_000n * 10n ** 8n, day: today - 364 * DAY_MS });
  expect(ticker?.lowest).toEqual({ price: 2_000n * 10n ** 8n, day: today - 10 * DAY_MS });
});

test('trades of a day page back by the last id, and end with the day', async () => {
  const { of } = await openSimulation(3);
  const ids = async (query: string) => {
    const body = await of(`/v1/trades/ticks?market=KRW-BTC&${query}`);
    return body.map((trade: { trade_time_utc: string }) => trade.trade_time_utc);
  };
  const [newest] = await of('/v1/trades/ticks?market=KRW-BTC&days_ago=1');
  const cursor = `${newest.timestamp}0000`;

  expect(newest.trade_time_utc).toBe('23:59:58');
  expect(await ids(`count=2&days_ago=1&cursor=${cursor}`)).toEqual(['23:59:55', '23:59:52']);
  expect(await ids('count=2&days_ago=1&to=12:00:00')).toEqual(await ids('count=2&daysAgo=1&to=120000'));
  expect((await ids('count=500&days_ago=1&to=00:00:30')).length).toBe(10);
  expect(await ids('count=500&days_ago=1&to=00:00:01')).toEqual([]);
  expect(await ids('count=1000')).toHaveLength(500);
  expect(await ids('days_ago=7')).toEqual([]);
});

const INVALID = 'Invalid parameter. Check the given value!';
const MISMATCH = 'Type mismatch error. Check the parameters type!';
const MISSING = 'Missing request parameter error. Check the required parameters!';
const UNKNOWN = 'Code not found';

test.each([
  ...['seconds', 'minutes/60', 'days', 'weeks', 'months', 'years'].flatMap((length) => [
    [`/v1/candles/${length}`, 400, MISSING],
    [`/v1/candles/${length}?market=KRW-NONE`, 404, UNKNOWN],
    [`/v1/candles/${length}?market=KRW-BTC&count=many`, 400, MISMATCH],
    [`/v1/candles/${length}?market=KRW-BTC&count=0`, 400, INVALID],
    [`/v1/candles/${length}?market=KRW-BTC&to=yesterday`, 400, INVALID],
  ]),
  ['/v1/candles/minutes/7?market=KRW-BTC', 400, INVALID],
  ['/v1/candles/minutes/one?market=KRW-BTC', 400, MISMATCH],
  ['/v1/candles/days?market=KRW-BTC&converting_price_unit=USD', 400, INVALID],
  ['/v1/market/all?is_details=perhaps', 400, MISMATCH],
  ['/v1/ticker', 400, MISSING],
  ['/v1/ticker?markets=KRW-BTC,KRW-NONE', 404, UNKNOWN],
  ['/v1/ticker/all', 400, MISSING],
  ['/v1/orderbook/instruments', 400, MISSING],
  ['/v1/orderbook/instruments?markets=KRW-NONE', 404, UNKNOWN],
  ['/v1/trades/ticks', 400, MISSING],
  ['/v1/trades/ticks?market=KRW-NONE', 404, UNKNOWN],
  ['/v1/trades/ticks?market=KRW-BTC&count=x', 400, MISMATCH],
  ['/v1/trades/ticks?market=KRW-BTC&to=25:00:00', 400, INVALID],
  ['/v1/trades/ticks?market=KRW-BTC&days_ago=8', 400, INVALID],
  ['/v1/trades/ticks?market=KRW-BTC&days_ago=0', 400, INVALID],
  ['/v1/trades/ticks?market=KRW-BTC&days_ago=one', 400, MISMATCH],
  ['/v1/trades/ticks?market=KRW-BTC&cursor=first', 400, MISMATCH],
] as [path: string, status: number, message: string][])('%s is refused as %i', async (path, status, message) => {
  const { url } = await openReplay();

  const answer = await get(`${url}${path}`);

  expect([answer.status, answer.json]).toEqual([status, { error: { name: status, message } }]);
});

test.each([
  ['/v1/market/all', 'market'],
  ['/v1/candles/seconds?market=KRW-BTC', 'candles'],
  ['/v1/candles/years?market=KRW-BTC', 'candles'],
  ['/v1/ticker?markets=KRW-BTC', 'ticker'],
  ['/v1/ticker/all?quote_currencies=KRW', 'ticker'],
  ['/v1/trades/ticks?market=KRW-BTC', 'crix-trades'],
  ['/v1/orderbook/instruments?markets=KRW-BTC', 'orderbook'],
])('%s counts ten a second as %s', async (path, group) => {
  const { url } = await openReplay();

  const answers = [];
  for (let call = 0; call < 11; call += 1) answers.push(await get(`${url}${path}`));

  expect(answers[0]?.headers.get('remaining-req')).toBe(`group=${group}; min=600; sec=9`);
  expect(answers.map(({ status }) => status)).toEqual([...Array(10).fill(200), 429]);
});

test('the key is listed to who signs with it', async () => {
  const { url } = await openReplay();

  const { json } = await signed(url, 'GET', '/v1/api_keys');
  const unsigned = await get(`${url}/v1/api_keys`);

  expect(json).toEqual([{ access_key: 'access', expire_at: '2026-09-01T12:22:10+09:00' }]);
  expect(unsigned.status).toBe(401);
});

test('a candle that is late is missing from every length, not from the ticker and the trades', async () => {
  const { wall, control, url } = await openFaulty();
  await control.add({ kind: 'late-candle', late_ms: 600_000, next: 1 });
  wall.pass(120_000);
  const of = async (path: string) => (await get(`${url}${path}`)).json;
  const newest = async () =>
    Promise.all(
      ['minutes/1', 'days'].map(async (length) => (await of(`/v1/candles/${length}?market=KRW-BTC`))[0].timestamp),
    );
  const minuteOf = (instant: number) => new Date(instant).toISOString().slice(11, 16);

  expect((await newest()).map(minuteOf)).toEqual(['03:22', '03:22']);
  expect(minuteOf((await of('/v1/ticker?markets=KRW-BTC'))[0].timestamp)).toBe('03:23');
  expect(minuteOf((await of('/v1/trades/ticks?market=KRW-BTC'))[0].timestamp)).toBe('03:23');
});

test('a fault of one market strikes a list that names it', async () => {
  const { control, url } = await openFaulty({ markets: MARKETS, replayFiles: [BTC_FILE, ETH_FILE] });
  await control.add({ kind: 'http-429', endpoint: 'GET /v1/ticker', market: 'KRW-ETH', next: 1 });
  const statusOf = async (markets: string) => (await get(`${url}/v1/ticker?markets=${markets}`)).status;

  expect([await statusOf('KRW-BTC'), await statusOf('KRW-BTC,KRW-ETH'), await statusOf('KRW-ETH')]).toEqual([
    200, 429, 200,
  ]);
});
