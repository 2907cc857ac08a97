import { describe, expect, it } from 'vitest';
import { median, percentile } from './statistics.ts';

describe('a percentile', () => {
  it.each([
    [[7], 0.95, 7],
    [[3, 1, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.5, 2],
    [Array.from({ length: 100 }, (_, n) => 100 - n), 0.95, 95],
    [Array.from({ length: 60 }, (_, n) => n + 1), 0.95, 57],
    [[1, 2, 3], 0, 1],
    [[1, 2, 3], 1, 3],
  ])('of %j at %d is %d, one of the values', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });

  it('of nothing is refused', () => {
    expect(() => median([])).toThrow('no values');
  });
});
