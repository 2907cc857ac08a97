import { describe, expect, it, test } from 'vitest';
import { pageOf, renderTable, span, wallTime, wrapped } from '../../cli/output.ts';

describe('a table', () => {
  const rows = [
    { market: 'KRW-BTC', cash: '1,000', profit: '-5', note: 'a b' },
    { market: 'KRW-XRP', cash: '20', profit: '+7', note: '' },
  ];
  const columns = [
    ['market', 'MARKET'],
    ['cash', 'CASH'],
    ['profit', 'PROFIT'],
    ['note', 'NOTE'],
  ] as const;

  it('has figures to the right, also signed ones, and words to the left', () => {
    expect(renderTable(rows, columns)).toBe(
      ['MARKET    CASH  PROFIT  NOTE', 'KRW-BTC  1,000      -5  a b', 'KRW-XRP     20      +7'].join('\n'),
    );
  });

  it('goes on below where the line has no room, its first column repeated, shared out evenly', () => {
    expect(renderTable(rows, columns, 27)).toBe(
      [
        'MARKET    CASH',
        'KRW-BTC  1,000',
        'KRW-XRP     20',
        'MARKET   PROFIT  NOTE',
        'KRW-BTC      -5  a b',
        'KRW-XRP      +7',
      ].join('\n'),
    );
  });

  it('keeps every column on the narrowest line', () => {
    expect(renderTable(rows, columns, 1).match(/MARKET/g)).toHaveLength(3);
  });

  it('shows an instant in Korean time', () => {
    const at = new Date('2025-09-01T03:20:00Z');
    expect(renderTable([{ at }], [['at', 'AT']])).toBe('AT\n2025-09-01 12:20:00 KST');
  });
});

test('long text goes on below, indented, and no line is too long unless one word is', () => {
  expect(wrapped('  trader: down for 3 s', 12, '    ')).toBe('  trader:\n    down for\n    3 s');
  expect(wrapped('see http://127.0.0.1:8233/namespaces', 10)).toBe('see\nhttp://127.0.0.1:8233/namespaces');
  expect(wrapped('short', 10)).toBe('short');
});

test.each([
  [0, '2026-11-22 15:03:12 UTC'],
  [540, '2026-11-23 00:03:12 UTC+9'],
  [-300, '2026-11-22 10:03:12 UTC-5'],
  [330, '2026-11-22 20:33:12 UTC+5:30'],
])('wall time where clocks are %i minutes ahead of UTC says so', (offset, text) => {
  expect(wallTime(new Date('2026-11-22T15:03:12Z'), offset)).toBe(text);
});

test.each([
  [-5, '0 s'],
  [999, '0 s'],
  [3_000, '3 s'],
  [125_000, '2 min 5 s'],
  [120_000, '2 min'],
  [15_120_000, '4 h 12 min'],
  [3 * 86_400_000 + 59_000, '3 d'],
  [3 * 86_400_000 + 4 * 3_600_000, '3 d 4 h'],
])('%i ms last %s', (milliseconds, text) => {
  expect(span(milliseconds)).toBe(text);
});

test.each([
  ['a pipe', { columns: 200 }, {}, { columns: 100, colours: false }],
  ['a terminal', { isTTY: true, columns: 80 }, {}, { columns: 80, colours: true }],
  ['a terminal with NO_COLOR', { isTTY: true, columns: 80 }, { NO_COLOR: '1' }, { columns: 80, colours: false }],
  ['a terminal of no size', { isTTY: true, columns: 0 }, {}, { columns: 100, colours: true }],
  ['a sliver of a terminal', { isTTY: true, columns: 9 }, {}, { columns: 40, colours: true }],
])('the page of %s', (_what, stream, env, page) => {
  expect(pageOf(stream, env)).toEqual(page);
});
