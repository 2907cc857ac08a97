import { expect, test } from 'vitest';
import { priceJson, rateJson, valueJson, volumeJson } from '../../../exchange/paper/wire/json-number.ts';

test.each([
  // Upbit's own change rates of 2021-01-08: days and ticker of KRW-BTC, ticker of KRW-ETH.
  [2_846_000n, 44_698_000n, '0.0636717527'],
  [2_879_000n, 44_698_000n, '0.0644100407'],
  [22_000n, 1_388_000n, '0.0158501441'],
  [-2_846_000n, 44_698_000n, '-0.0636717527'],
  [0n, 44_698_000n, '0.0'],
  [1n, 3n, '0.3333333333'],
  [-2n, 3n, '-0.6666666667'],
])('a change of %s on %s is a rate of %s', (change, previous, rate) => {
  expect(rateJson(change, previous)).toBe(rate);
});

test('every digit is written, and a point always', () => {
  expect(priceJson(15_000_000_000_000_000n)).toBe('150000000.0');
  expect(priceJson(-1_900_000_000_000n)).toBe('-19000.0');
  expect(priceJson(3_137n)).toBe('0.00003137');
  expect(volumeJson(90_071_992_547_409_930_001n)).toBe('900719925474.09930001');
  expect(valueJson(86_860_751_758_924_500n)).toBe('868607517589.245');
});
