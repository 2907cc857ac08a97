import { writeFileSync } from 'node:fs';

export interface CsvRow {
  /** Open of the candle, UTC. */
  readonly ts: Date;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

/**
 * `count` minutes of invented candles on the 1,000-won grid, every 17th minute idle: enough of a market to collect,
 * the same at every call.
 */
export function inventedRows(count: number): CsvRow[] {
  const start = Date.parse('2025-03-01T00:00:00Z');
  let close = 100_000_000;
  const rows: CsvRow[] = [];
  for (let n = 0; n < count; n += 1) {
    const open = close;
    close += (((n * 7_919) % 13) - 6) * 1_000;
    if (n % 17 === 16) continue;
    rows.push({
      ts: new Date(start + n * 60_000),
      open: String(open),
      high: String(Math.max(open, close) + ((n * 31) % 5) * 1_000),
      low: String(Math.min(open, close) - ((n * 37) % 5) * 1_000),
      close: String(close),
      volume: `${(n % 9) + 1}.${String(((n * 104_729) % 10_000_000) * 10 + 3).padStart(8, '0')}`,
    });
  }
  return rows;
}

/** Writes rows as a candle file in UTC layout. */
export function writeCandleCsv(path: string, rows: readonly CsvRow[]): void {
  const time = (ts: Date) => ts.toISOString().slice(0, 19).replace('T', ' ');
  const lines = rows.map((row) =>
    [time(row.ts), `${row.open}.0`, `${row.high}.0`, `${row.low}.0`, `${row.close}.0`, row.volume].join(','),
  );
  writeFileSync(path, `timestamp,open,high,low,close,volume\n${lines.join('\n')}\n`);
}
