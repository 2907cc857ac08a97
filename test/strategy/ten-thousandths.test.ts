import { expect, test } from 'vitest';
import { formatTenThousandths, parseTenThousandths } from '../../strategy/ten-thousandths.ts';

test.each([
  ['0.2', 2000],
  ['0.2000', 2000],
  ['0.20000000', 2000],
  [0.15, 1500],
  [1, 10_000],
  ['0', 0],
  ['-0', 0],
  ['0.0001', 1],
  ['-0.35', -3500],
  ['1000', 10_000_000],
])('%o is %i ten-thousandths', (value, units) => {
  expect(parseTenThousandths(value)).toBe(units);
});

test.each([
  ['0.00001'],
  [0.1 + 0.2],
  ['1e-3'],
  [1e-7],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  [''],
  [' 0.1'],
  ['.5'],
  ['0,5'],
  ['1000.0001'],
])('%o is none', (value) => {
  expect(parseTenThousandths(value)).toBeUndefined();
});

test.each([
  [-3500, '-0.3500'],
  [0, '0.0000'],
  [-0, '0.0000'],
  [1, '0.0001'],
  [10_000, '1.0000'],
  [-12_345, '-1.2345'],
])('%i ten-thousandths are written %s', (units, text) => {
  expect(formatTenThousandths(units)).toBe(text);
});
