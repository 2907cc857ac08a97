import { expect, test } from 'vitest';
import { parseScaled, tradedValue } from '../../../exchange/numbers/scaled.ts';

test.each([
  ['0.000000004', 0n],
  ['0.000000005', 1n],
  ['0.0000000149999', 1n],
  ['1.5e-8', 2n],
  ['12', 1_200_000_000n],
])('%s in units of 1e-8 is %s: what is finer is rounded half up', (text, scaled) => {
  expect(parseScaled(text, 8)).toBe(scaled);
});

test('a value is price × volume, rounded half up to five decimals', () => {
  const [price, volume] = [parseScaled('100', 8) ?? 0n, parseScaled('0.00000005', 8) ?? 0n];
  expect(tradedValue(price, volume)).toBe(1n);
  expect(tradedValue(price, volume - 1n)).toBe(0n);
});
