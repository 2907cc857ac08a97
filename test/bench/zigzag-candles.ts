import type { CsvRow } from '../support/candle-csv.ts';

const LOW = 100_000_000;
const HIGH = 101_000_000;

/**
 * `count` minutes, each one percent up or down from the one before: the six strategies want to buy at every high close
 * and to sell at every low one, so that each candle brings an order, which fills at once.
 */
export function zigzagRows(count: number): CsvRow[] {
  const start = Date.parse('2025-03-01T00:00:00Z');
  return Array.from({ length: count }, (_, n) => {
    const [open, close] = n % 2 === 0 ? [LOW, HIGH] : [HIGH, LOW];
    return {
      ts: new Date(start + n * 60_000),
      open: String(open),
      high: String(HIGH),
      low: String(LOW),
      close: String(close),
      volume: '5',
    };
  });
}
