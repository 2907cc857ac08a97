import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { UserError } from '../../../config/user-error.ts';
import { loadReplayFile } from '../../../exchange/paper/feed/replay-file.ts';
import { marketsOfReplayFiles } from '../../../exchange/paper/feed/replay-market.ts';
import { BTC_FILE, candleFile, ETH_FILE, startForTest, temporaryFolder } from './paper.ts';

const JANUARY = candleFile('202301_KRW-BTC_ohlcv.csv');
const FEBRUARY = candleFile('202302_KRW-BTC_ohlcv.csv');

function fileOf(text: string, name = 'BTC_KRW_1m.csv'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}

function faultOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

test('the layout with `timestamp` is UTC and its value is volume × close', () => {
  const [first] = loadReplayFile(BTC_FILE);

  expect(first).toEqual({
    start: Date.UTC(2025, 8, 1),
    open: '150000000',
    high: '150003000',
    low: '149999000',
    close: '149999000',
    volume: '0.05805693',
    value: '8708481.44307',
  });
});

test('the layout with `index` is Korean time and brings its own value', () => {
  const [first] = loadReplayFile(JANUARY);

  expect(first).toMatchObject({ start: Date.UTC(2023, 0, 1), volume: '0.05805693', value: '1219166.05693' });
});

test('files of one market are joined in order of time, powers of ten included', () => {
  const series = loadReplayFile(FEBRUARY, JANUARY);

  expect(series.length).toBe(210);
  expect([...series].at(-1)).toMatchObject({
    start: Date.UTC(2023, 1, 1, 0, 4),
    volume: '0.00001033',
    value: '309.12525',
  });
  expect(faultOf(() => loadReplayFile(JANUARY, JANUARY))).toContain('overlap');
});

const HEADER = 'timestamp,open,high,low,close,volume';
const ROW = '2025-09-01 00:00:00,10,12,9,11,1';
test.each([
  ['too few columns', `${HEADER}\n${ROW}\n2025-09-01 00:01:00,10,12,9,11\n`, 3, '5 columns where the header has 6'],
  ['too many columns', `${HEADER}\n${ROW},1\n`, 2, '7 columns where the header has 6'],
  ['a word for a price', `${HEADER}\n2025-09-01 00:00:00,10,12,9,eleven,1\n`, 2, 'close "eleven" is not a number'],
  ['nothing for a price', `${HEADER}\n2025-09-01 00:00:00,,12,9,11,1\n`, 2, 'open "" is not a number'],
  ['seconds', `${HEADER}\n${ROW}\n2025-09-01 00:01:30,10,12,9,11,1\n`, 3, 'is not on a minute'],
  ['a time twice', `${HEADER}\n${ROW}\n${ROW}\n`, 3, 'is there twice'],
  ['a time going back', `${HEADER}\n${ROW}\n2025-08-31 23:00:00,10,12,9,11,1\n`, 3, 'is earlier than the line before'],
  ['a date that does not exist', `${HEADER}\n2025-02-30 00:00:00,10,12,9,11,1\n`, 2, 'does not exist'],
  ['a time in another form', `${HEADER}\n01/09/2025,10,12,9,11,1\n`, 2, 'is not like 2025-09-01 00:00:00'],
  ['high below low', `${HEADER}\n${ROW}\n2025-09-01 00:01:00,10,8,9,8.5,1\n`, 3, 'high is below low'],
  ['close above high', `${HEADER}\n2025-09-01 00:00:00,10,12,9,13,1\n`, 2, 'close is outside low and high'],
  ['negative volume', `${HEADER}\n2025-09-01 00:00:00,10,12,9,11,-1\n`, 2, 'volume -1 is negative'],
  ['no header', `${ROW}\n`, 1, 'the header must be'],
  ['an open quote', `${HEADER}\n"2025-09-01 00:00:00,10,12,9,11,1\n`, 2, 'Quote'],
])('%s is told with file and line', (_name, text, line, reason) => {
  const path = fileOf(text);

  const fault = faultOf(() => loadReplayFile(path));

  expect(fault).toContain(`${path}:${line}: `);
  expect(fault).toContain(reason);
});

test('an empty file, a header alone and no file are told', () => {
  expect(faultOf(() => loadReplayFile(fileOf('')))).toContain('holds no candles');
  expect(faultOf(() => loadReplayFile(fileOf(`${HEADER}\n`)))).toContain('holds no candles');
  expect(faultOf(() => loadReplayFile('/nowhere/BTC_KRW_1m.csv'))).toContain('cannot be read (ENOENT)');
});

test('a byte order mark, Windows line ends and a missing last line end are taken', () => {
  expect(loadReplayFile(fileOf(`\uFEFF${HEADER}\r\n${ROW}`)).length).toBe(1);
});

describe('markets of files', () => {
  test('come from the file name', () => {
    expect(marketsOfReplayFiles([BTC_FILE, JANUARY, FEBRUARY, ETH_FILE])).toEqual(['KRW-BTC', 'KRW-ETH']);
  });

  test('come from a market column, or from whoever knows', () => {
    const column = fileOf(`market,${HEADER}\nKRW-SOL,${ROW}\n`, 'candles.csv');
    const none = fileOf(`${HEADER}\n${ROW}\n`, 'candles.csv');

    expect(marketsOfReplayFiles([column])).toEqual(['KRW-SOL']);
    expect(loadReplayFile(column).length).toBe(1);
    expect(marketsOfReplayFiles([none], parseMarket('KRW-XRP'))).toEqual(['KRW-XRP']);
    expect(faultOf(() => marketsOfReplayFiles([none]))).toContain(none);
  });
});

test('a market that no file holds, and a file too short to start, are told', async () => {
  await expect(startForTest({ markets: [parseMarket('KRW-ETH')] })).rejects.toThrow(
    'no replay file holds market KRW-ETH; the files hold KRW-BTC',
  );
  await expect(startForTest({ replayFiles: [FEBRUARY] })).rejects.toThrow('at least 201 are needed');
});

const shared = new URL('../../../../shared/candles/', import.meta.url).pathname;
const sharedFile = (name: string) => join(shared, name);
if (!existsSync(shared)) console.log('skipped: the recorded candle files are not here');
describe.skipIf(!existsSync(shared))('recorded files', () => {
  test.each([
    ['BTC_KRW_1m.csv', 47_598, Date.UTC(2025, 9, 4, 1, 19)],
    ['202301_KRW-BTC_ohlcv.csv', 44_066, Date.UTC(2023, 0, 31, 14, 59)],
  ])('%s is read whole', (name, rows, last) => {
    const series = loadReplayFile(sharedFile(name));

    expect(series.length).toBe(rows);
    expect(series.end).toBe(last + 60_000);
  });
});
