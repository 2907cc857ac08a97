import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { isMarket, type Market } from '../../../config/market.ts';
import { UserError } from '../../../config/user-error.ts';

/** `202301_KRW-BTC_ohlcv.csv` */
const QUOTE_FIRST = /(?:^|[^A-Z0-9])(KRW-[A-Z0-9]{1,12})(?![A-Z0-9])/;
/** `BTC_KRW_1m.csv` */
const BASE_FIRST = /(?:^|[^A-Z0-9])([A-Z0-9]{1,12})[_-]KRW(?![A-Z0-9])/;

/** The market a candle file names in its file name, else in a `market` column; undefined when it names none. */
function marketOfReplayFile(path: string): Market | undefined {
  const name = basename(path);
  const base = BASE_FIRST.exec(name)?.[1];
  const market = QUOTE_FIRST.exec(name)?.[1] ?? (base === undefined ? marketColumnOf(path) : `KRW-${base}`);
  return market !== undefined && isMarket(market) ? market : undefined;
}

/**
 * The markets of candle files, each once, in the order of the files.
 *
 * @param override the market of files that name none.
 * @throws {UserError} naming the file whose market cannot be told.
 */
export function marketsOfReplayFiles(paths: readonly string[], override?: Market): Market[] {
  return [...new Set(paths.map((path) => requireMarket(path, override)))];
}

/** @throws {UserError} when the file names no market and there is no `override`. */
export function requireMarket(path: string, override?: Market): Market {
  const market = marketOfReplayFile(path) ?? override;
  if (market === undefined) {
    throw new UserError(
      `${path}: cannot tell which market these candles are of; name the file like BTC_KRW_1m.csv or KRW-BTC.csv, or give the market explicitly`,
      2,
    );
  }
  return market;
}

function marketColumnOf(path: string): string | undefined {
  const [header = '', row = ''] = firstBytes(path).split(/\r?\n/);
  const column = header
    .replace(/^\uFEFF/, '')
    .split(',')
    .indexOf('market');
  return column < 0 ? undefined : row.split(',')[column]?.replaceAll('"', '');
}

function firstBytes(path: string): string {
  const buffer = Buffer.alloc(4_096);
  try {
    const file = openSync(path, 'r');
    try {
      return buffer.toString('utf8', 0, readSync(file, buffer));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new UserError(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
}
