import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MOST_MARKETS, writeLeapingMarkets } from './market-files.ts';

function write(seed: number, markets = 2, minutes = 400): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'durabit-markets-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return writeLeapingMarkets(folder, { seed, markets, minutes }).map((file) => readFileSync(file, 'utf8'));
}

test('the same seed makes the same prices, another one others', () => {
  expect(write(1)).toEqual(write(1));
  expect(write(2)).not.toEqual(write(1));
});

test('a market leaps further than an order at its limit follows, up and down', () => {
  const rows = (write(1)[0] ?? '')
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.split(',').map(Number));
  const leaps = rows.slice(1).map(([, open = 0], index) => open / (rows[index]?.[4] ?? 1) - 1);

  expect(leaps.filter((leap) => leap > 0.002).length).toBeGreaterThan(20);
  expect(leaps.filter((leap) => leap < -0.002).length).toBeGreaterThan(20);
});

test('there are as many markets as asked for', () => {
  expect(write(1, MOST_MARKETS)).toHaveLength(MOST_MARKETS);
});

test('prices stay near where they started, for as long as a run may last', () => {
  for (const file of write(2, MOST_MARKETS, 20_000)) {
    const closes = file
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => Number(row.split(',')[4]));
    const [first = 0] = closes;
    expect(Math.max(...closes)).toBeLessThan(1.5 * first);
    expect(Math.min(...closes)).toBeGreaterThan(first / 1.5);
  }
});
