import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { BTC_FILE, ETH_FILE, get, standingWall, startForTest } from './paper.ts';

const MINUTE = 60_000;
/** The 200th row of BTC_KRW_1m.csv; two minutes before it are missing. */
const START = '2025-09-01T03:22:00';
const minutes = '/v1/candles/minutes/1?market=KRW-BTC';

test('a fresh replay starts when exactly 200 candles have closed, newest first', async () => {
  const wall = standingWall();
  const { url } = await startForTest({ wallClock: wall.now });

  const { json, headers } = await get(`${url}${minutes}&count=200`);

  expect(headers.get('date')).toBe('Mon, 01 Sep 2025 03:22:00 GMT');
  expect(json).toHaveLength(200);
  expect(json[0].candle_date_time_utc).toBe('2025-09-01T03:21:00');
  expect(json[199].candle_date_time_utc).toBe('2025-09-01T00:00:00');
});

test('the newest of several markets decides when a replay starts', async () => {
  const wall = standingWall();
  const markets = [parseMarket('KRW-BTC'), parseMarket('KRW-ETH')];
  const { url } = await startForTest({ wallClock: wall.now, markets, replayFiles: [BTC_FILE, ETH_FILE] });

  const btc = await get(`${url}${minutes}&count=200`);
  const eth = await get(`${url}/v1/candles/minutes/1?market=KRW-ETH&count=200`);

  expect(btc.json.at(-1).candle_date_time_utc).toBe('2025-09-01T00:00:00');
  // ETH misses one minute where BTC misses two: one more of it has closed.
  expect(eth.json.at(-1).candle_date_time_utc).toBe('2025-09-01T00:01:00');
});

test('a closed candle is the row of the file, digit for digit', async () => {
  const wall = standingWall();
  const { url } = await startForTest({ wallClock: wall.now });

  const text = await (await fetch(`${url}${minutes}&to=2025-09-01T00:01:00Z`)).text();

  expect(text).toBe(
    '[{"market":"KRW-BTC","candle_date_time_utc":"2025-09-01T00:00:00","candle_date_time_kst":"2025-09-01T09:00:00",' +
      '"opening_price":150000000.0,"high_price":150003000.0,"low_price":149999000.0,"trade_price":149999000.0,' +
      '"timestamp":1756684858500,"candle_acc_trade_price":8708481.44307,"candle_acc_trade_volume":0.05805693,"unit":1}]',
  );
});

test('the forming candle comes first, grows, and is the row of the file at its close', async () => {
  const wall = standingWall();
  const { url } = await startForTest({ wallClock: wall.now });
  const row = readFileSync(BTC_FILE, 'utf8')
    .split('\n')
    .find((line) => line.startsWith('2025-09-01 03:22:00'));
  const [, open, high, low, close, volume] = (row ?? '').split(',').map(Number);

  wall.pass(1_000);
  const beforeFirstTrade = await get(`${url}${minutes}`);
  wall.pass(10_000);
  const early = await get(`${url}${minutes}`);
  wall.pass(30_000);
  const late = await get(`${url}${minutes}`);
  wall.pass(18_500);
  const complete = await get(`${url}${minutes}`);

  expect(beforeFirstTrade.json[0].candle_date_time_utc).toBe('2025-09-01T03:21:00');
  expect(early.json[0]).toMatchObject({ candle_date_time_utc: START, opening_price: open });
  expect(early.json[0].candle_acc_trade_volume).toBeLessThan(late.json[0].candle_acc_trade_volume);
  expect(complete.json[0]).toMatchObject({
    candle_date_time_utc: START,
    opening_price: open,
    high_price: high,
    low_price: low,
    trade_price: close,
    candle_acc_trade_volume: volume,
  });
});

test('`to` is exclusive in every form, and paging by the oldest candle overlaps nothing', async () => {
  const wall = standingWall();
  const { url } = await startForTest({ wallClock: wall.now });
  const newest = async (to: string) => {
    const { json } = await get(`${url}${minutes}&count=2&to=${encodeURIComponent(to)}`);
    return json.map((candle: { candle_date_time_utc: string }) => candle.candle_date_time_utc.slice(11));
  };

  expect(await newest('2025-09-01T01:00:00Z')).toEqual(['00:59:00', '00:58:00']);
  expect(await newest('2025-09-01 01:00:00')).toEqual(['00:59:00', '00:58:00']);
  expect(await newest('2025-09-01T10:00:00+09:00')).toEqual(['00:59:00', '00:58:00']);
  expect(await newest('2025-09-01T01:00:01Z')).toEqual(['01:00:00', '00:59:00']);
  expect(await newest('2030-01-01T00:00:00Z')).toEqual(['03:21:00', '03:20:00']);
  expect(await newest('2020-01-01T00:00:00Z')).toEqual([]);
});

test('a minute without trades has no candle', async () => {
  const wall = standingWall();
  const { url } = await startForTest({ wallClock: wall.now });

  const { json } = await get(`${url}${minutes}&count=2&to=2025-09-01T00:13:00Z`);

  expect(json.map((candle: { candle_date_time_utc: string }) => candle.candle_date_time_utc.slice(11))).toEqual([
    '00:12:00',
    '00:09:00',
  ]);
});

test('more than 200 is cut to 200 without a word, and the default is one', async () => {
  const wall = standingWall();
  const { url } = await startForTest({ wallClock: wall.now });
  wall.pass(5 * MINUTE);

  expect((await get(`${url}${minutes}&count=1000`)).json).toHaveLength(200);
  expect((await get(`${url}${minutes}`)).json).toHaveLength(1);
});

test('longer candles are built from minutes', async () => {
  const wall = standingWall();
  const { url } = await startForTest({ wallClock: wall.now });

  const { json: parts } = await get(`${url}${minutes}&count=3&to=2025-09-01T00:10:00Z`);
  const { json } = await get(`${url}/v1/candles/minutes/15?market=KRW-BTC&to=2025-09-01T00:15:00Z`);
  const three = await get(`${url}/v1/candles/minutes/3?market=KRW-BTC&to=2025-09-01T00:10:00Z&count=2`);

  expect(json[0]).toMatchObject({ candle_date_time_utc: '2025-09-01T00:00:00', opening_price: 150000000, unit: 15 });
  // The slot 00:09 lost its other two minutes.
  expect(three.json[0]).toMatchObject({
    candle_date_time_utc: '2025-09-01T00:09:00',
    trade_price: parts[0].trade_price,
  });
  expect(three.json[1].candle_date_time_utc).toBe('2025-09-01T00:06:00');
});

test.each([
  ['an unknown market', '/v1/candles/minutes/1?market=KRW-NONE', 404, 'Code not found'],
  ['no market', '/v1/candles/minutes/1', 400, 'Missing request parameter error. Check the required parameters!'],
  ['a word for a count', `${minutes}&count=ten`, 400, 'Type mismatch error. Check the parameters type!'],
  ['a count of zero', `${minutes}&count=0`, 400, 'Invalid parameter. Check the given value!'],
  ['no time', `${minutes}&to=yesterday`, 400, 'Invalid parameter. Check the given value!'],
  ['a unit Upbit lacks', '/v1/candles/minutes/2?market=KRW-BTC', 400, 'Invalid parameter. Check the given value!'],
])('%s is refused with an integer name', async (_name, path, status, message) => {
  const { url } = await startForTest();

  const answer = await get(`${url}${path}`);

  expect([answer.status, answer.json]).toEqual([status, { error: { name: status, message } }]);
  expect(answer.headers.get('date')).toMatch(/2025 03:2\d:\d\d GMT$/);
});

test('markets and their ticks are listed', async () => {
  const { url } = await startForTest();

  const plain = await get(`${url}/v1/market/all`);
  const detailed = await get(`${url}/v1/market/all?is_details=true`);
  const instruments = await get(`${url}/v1/orderbook/instruments?markets=KRW-BTC`);

  expect(plain.json).toEqual([{ market: 'KRW-BTC', korean_name: '비트코인', english_name: 'Bitcoin' }]);
  expect(detailed.json[0].market_event.warning).toBe(false);
  expect(instruments.json[0]).toMatchObject({ market: 'KRW-BTC', quote_currency: 'KRW', tick_size: '1000' });
});

test('calls left are counted down, and the eleventh in a second is refused', async () => {
  const wall = standingWall();
  const { url } = await startForTest({ wallClock: wall.now });

  const answers = [];
  for (let call = 0; call < 11; call += 1) answers.push(await get(`${url}${minutes}`));
  wall.pass(1_000);
  const later = await get(`${url}${minutes}`);

  expect(answers[0]?.headers.get('remaining-req')).toBe('group=candles; min=600; sec=9');
  expect(answers.map(({ status }) => status)).toEqual([...Array(10).fill(200), 429]);
  expect(answers[10]?.json.error.name).toBe('too_many_requests');
  expect(later.status).toBe(200);
});
