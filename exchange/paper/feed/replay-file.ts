import { readFileSync } from 'node:fs';
import { CsvError, type InfoRecord } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { UserError } from '../../../config/user-error.ts';
import { PRICE_DECIMALS, parseScaled, tradedValue, VALUE_DECIMALS, VOLUME_DECIMALS } from '../../numbers/scaled.ts';
import { MINUTE_MS, type MinuteCandle } from './minute-candle.ts';
import { ReplaySeries } from './replay-series.ts';

/** Time columns and how far their zone is ahead of UTC: plain exports are UTC, pyupbit's `index` is Korean time. */
const TIME_COLUMNS = new Map([
  ['timestamp', 0],
  ['index', 9 * 60 * MINUTE_MS],
]);
const TIME = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})$/;

/**
 * Reads minute candles from CSV. Two layouts: `timestamp,open,high,low,close,volume` in UTC and
 * `index,open,high,low,close,volume,value` in Korean time. Numbers finer than Upbit's are rounded half up: prices and
 * volumes to 8 decimals, values to 5. Several files are one history and are put in order of time.
 *
 * @throws {UserError} with file, line and reason for the first fault.
 */
export function loadReplayFile(...paths: [string, ...string[]]): ReplaySeries {
  const files = paths.map((path) => ({ path, series: readSeries(path) }));
  const [only, ...others] = files;
  if (only !== undefined && others.length === 0) return only.series;

  files.sort((a, b) => (a.series.get(0)?.start ?? 0) - (b.series.get(0)?.start ?? 0));
  const joined = new ReplaySeries();
  for (const { path, series } of files) {
    const first = series.get(0);
    if (first !== undefined && first.start < joined.end && joined.length > 0) {
      throw new UserError(`${path}: its candles overlap those of another file of the same market`);
    }
    for (let index = 0; index < series.length; index += 1) {
      const candle = series.get(index);
      if (candle !== undefined) joined.push(candle);
    }
  }
  return joined;
}

function readSeries(path: string): ReplaySeries {
  const series = new ReplaySeries();
  let layout: Layout | undefined;
  const onRecord = (row: string[], { lines }: InfoRecord): null => {
    const fail = (reason: string): never => {
      throw new UserError(`${path}:${lines}: ${reason}`);
    };
    if (layout === undefined) layout = readHeader(row, fail);
    else series.push(readCandle(row, layout, series.end, fail));
    // Null drops the row, so the parser never holds more than one.
    return null;
  };
  try {
    parse(readFileSync(path), { bom: true, skip_empty_lines: true, relax_column_count: true, onRecord });
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof CsvError) throw new UserError(`${path}:${error.lines ?? '?'}: ${error.message}`);
    throw new UserError(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
  if (series.length === 0) throw new UserError(`${path}: holds no candles`);
  return series;
}

type Fail = (reason: string) => never;

interface Layout {
  readonly columns: readonly string[];
  readonly time: number;
  readonly aheadOfUtc: number;
}

function readHeader(columns: string[], fail: Fail): Layout {
  const time = columns.findIndex((name) => TIME_COLUMNS.has(name));
  const missing = ['open', 'high', 'low', 'close', 'volume'].filter((name) => !columns.includes(name));
  if (time < 0 || missing.length > 0) {
    return fail(
      `the header must be timestamp,open,high,low,close,volume (UTC) or index,open,high,low,close,volume,value (Korean time), not ${columns.join(',')}`,
    );
  }
  return { columns, time, aheadOfUtc: TIME_COLUMNS.get(columns[time] ?? '') ?? 0 };
}

function readCandle(row: string[], layout: Layout, notBefore: number, fail: Fail): MinuteCandle {
  const { columns } = layout;
  if (row.length !== columns.length) fail(`${row.length} columns where the header has ${columns.length}`);
  const start = readTime(row[layout.time] ?? '', fail) - layout.aheadOfUtc;
  if (start < notBefore) {
    fail(
      `time ${row[layout.time]} ${start === notBefore - MINUTE_MS ? 'is there twice' : 'is earlier than the line before'}`,
    );
  }

  const number = (name: string, decimals: number): bigint => {
    const text = row[columns.indexOf(name)] ?? '';
    const scaled = parseScaled(text, decimals) ?? fail(`${name} "${text}" is not a number`);
    return scaled < 0n ? fail(`${name} ${text} is negative`) : scaled;
  };
  const price = (name: string) => number(name, PRICE_DECIMALS);
  const [open, high, low, close] = [price('open'), price('high'), price('low'), price('close')];
  const volume = number('volume', VOLUME_DECIMALS);
  if (low === 0n) fail('low is zero');
  if (high < low) fail('high is below low');
  if (open > high || open < low) fail('open is outside low and high');
  if (close > high || close < low) fail('close is outside low and high');
  const value = columns.includes('value') ? number('value', VALUE_DECIMALS) : tradedValue(close, volume);
  return { start, open, high, low, close, volume, value };
}

function readTime(text: string, fail: Fail): number {
  const match = TIME.exec(text);
  if (match === null) return fail(`time "${text}" is not like 2025-09-01 00:00:00`);
  const time = Date.parse(`${text.replace(' ', 'T')}Z`);
  // Date.parse takes 31 February for 3 March.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text.slice(0, 10)) {
    return fail(`time "${text}" does not exist`);
  }
  return time % MINUTE_MS === 0 ? time : fail(`time ${text} is not on a minute`);
}
