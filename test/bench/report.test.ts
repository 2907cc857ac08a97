import { describe, expect, it } from 'vitest';
import { markOf, shortNumber } from './report.ts';

describe('a figure', () => {
  it.each([
    [15, 'ok'],
    [15.01, 'over'],
  ])('of %d against a target of 15 is %s', (value, mark) => {
    expect(markOf({ name: 'ready', value, unit: 's', atMost: 15 })).toBe(mark);
  });

  it.each([
    [2_000, 'ok'],
    [1_999, 'under'],
  ])('of %d where at least 2,000 are wanted is %s', (value, mark) => {
    expect(markOf({ name: 'orders', value, unit: '/s', atLeast: 2_000 })).toBe(mark);
  });

  it('without a target is neither', () => {
    expect(markOf({ name: 'growth', value: 1e9, unit: 'MB/h' })).toBe('');
  });
});

describe('a number in the report', () => {
  it.each([
    [0.4249, '0.42'],
    [8.149, '8.1'],
    [15, '15'],
    [42.6, '43'],
    [109_432.4, '109,432'],
    [-3.25, '-3.3'],
  ])('%d is shown as %s', (value, text) => {
    expect(shortNumber(value)).toBe(text);
  });
});
