import { expect, test } from 'vitest';
import { httpDate, kstStamp, parseInstant } from '../../../exchange/paper/wire/times.ts';

const CLOSE = Date.parse('2025-09-01T00:01:00Z');

test('a millisecond before a close the Date header does not say that it has come', () => {
  expect(httpDate(CLOSE - 1)).toBe('Mon, 01 Sep 2025 00:00:59 GMT');
  expect(httpDate(CLOSE)).toBe('Mon, 01 Sep 2025 00:01:00 GMT');
});

test('orders are dated in Korean time', () => {
  expect(kstStamp(CLOSE)).toBe('2025-09-01T09:01:00+09:00');
  expect(parseInstant(kstStamp(CLOSE))).toBe(CLOSE);
});

test('a day that its month does not have is no instant, in whatever zone', () => {
  expect(parseInstant('2025-02-31T00:00:00Z')).toBeUndefined();
  expect(parseInstant('2025-02-29T23:00:00+09:00')).toBeUndefined();
  expect(parseInstant('2024-02-29T23:00:00+09:00')).toBe(Date.UTC(2024, 1, 29, 14));
});
