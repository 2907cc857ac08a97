import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MOST_MARKETS, nextStretch, writeLeapingMarkets } from './market-files.ts';

function write(seed: number, markets = 2, stretches = { minutes: 400, count: 1 }): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'durabit-markets-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return writeLeapingMarkets(folder, { seed, markets, stretches }).map((file) => readFileSync(file, 'utf8'));
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

test('more than a day passes between two stretches of prices, and the next one is where a leap goes', () => {
  const stretches = { minutes: 120, count: 3 };
  const times = (write(1, 1, stretches)[0] ?? '')
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => Date.parse(`${row.slice(0, 19).replace(' ', 'T')}Z`));
  const minutesAfter = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 60_000);

  expect(minutesAfter.filter((minutes) => minutes > 1_440)).toHaveLength(2);
  const second = nextStretch(times[0] ?? 0, stretches);
  expect(nextStretch(times[50] ?? 0, stretches)).toBe(second);
  expect(Math.abs(second - (times.find((time) => time >= second - 60_000) ?? 0))).toBeLessThan(5 * 60_000);
  expect(() => nextStretch(times.at(-1) ?? 0, stretches)).toThrow('no day is left to pass');
});

test('there are as many markets as asked for', () => {
  expect(write(1, MOST_MARKETS)).toHaveLength(MOST_MARKETS);
});

test('prices stay near where they started, for as long as a run may last', () => {
  for (const file of write(2, MOST_MARKETS, { minutes: 800, count: 25 })) {
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
