import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { candleFile } from '../exchange/paper/paper.ts';
import { compareWithFiles, type DecisionRow, THRESHOLD, WEIGHTS } from './recomputed-decisions.ts';

const files = { 'KRW-BTC': candleFile('BTC_KRW_1m.csv') };

/** Decisions written down by hand-checked rows that lie beside the candles. */
function recordedRows(): DecisionRow[] {
  const [header = '', ...lines] = readFileSync(candleFile('decisions-BTC_KRW_1m.csv'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const row = Object.fromEntries(header.split(',').map((name, column) => [name, line.split(',')[column] ?? '']));
    const signals = Object.fromEntries(Object.keys(WEIGHTS).map((name) => [name, Number(row[name])]));
    return {
      ...{ market: 'KRW-BTC', candle: new Date(row.candle_utc ?? '').toISOString(), reason: '', signals },
      ...{ action: row.action ?? '', score: row.score ?? '', weights: WEIGHTS, threshold: THRESHOLD },
    };
  });
}

it('finds nothing to say about decisions that are as their candles say', () => {
  const rows = recordedRows();

  expect(compareWithFiles(rows, files)).toEqual({ compared: rows.length, withoutVote: 0, differences: [] });
});

it.each<[what: string, change: Partial<DecisionRow>, says: RegExp]>([
  ['another score', { score: '0.3499' }, /score 0.3499, by the file 0.35/],
  ['another action', { action: 'hold' }, /hold, by the file buy/],
  ['another signal', { signals: { ...recordedRows()[0]?.signals, swing: 1 } }, /signals/],
  ['another weight', { weights: { ...WEIGHTS, day: '0.2' } }, /weight of day/],
  ['another threshold', { threshold: '0.3' }, /threshold 0.3/],
  ['a candle that never was', { candle: '2025-09-01T00:02:30.000Z' }, /not in the file/],
  ['no vote although it is live', { signals: null }, /buy without a vote/],
  ['a vote although it is stale', { action: 'stale' }, /stale, and yet with a vote/],
])('names %s', (_what, change, says) => {
  const [first, ...others] = recordedRows();

  const { differences } = compareWithFiles([{ ...(first as DecisionRow), ...change }, ...others], files);

  expect(differences.join('\n')).toMatch(says);
});

it('takes a blocked wish for what it is, and does not let a held one be called blocked', () => {
  const [buy] = recordedRows();
  const hold = recordedRows().find(({ action }) => action === 'hold');

  expect(compareWithFiles([{ ...(buy as DecisionRow), action: 'blocked' }], files).differences).toEqual([]);
  expect(compareWithFiles([{ ...(hold as DecisionRow), action: 'blocked' }], files).differences).toHaveLength(1);
});
