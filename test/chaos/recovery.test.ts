import { expect, test } from 'vitest';
import type { LedgerRecord } from './ledger-record.ts';
import { measureRecovery, percentile } from './recovery.ts';

const ledger = {
  orders: [{ identifier: 'a' }],
  steps: [
    { identifier: 'a', market: 'KRW-BTC', status: 'sending', at: 900 },
    { identifier: 'a', market: 'KRW-BTC', status: 'filled', at: 4_000 },
  ],
  decisions: [
    { market: 'KRW-BTC', action: 'buy', at: 800 },
    { market: 'KRW-ETH', action: 'hold', at: 1_500 },
    { market: 'KRW-BTC', action: 'hold', at: 3_000 },
  ],
} as unknown as LedgerRecord;

test('recovery is the next decision of the market and the end of the order, whichever is later', () => {
  const about = { kind: 'kill trader', at: 1_000 };

  expect(measureRecovery([{ ...about, market: 'KRW-ETH' }], ledger).took).toEqual([500]);
  expect(measureRecovery([about], ledger).took).toEqual([2_000]);
  expect(measureRecovery([{ ...about, market: 'KRW-ETH', order: 'a' }], ledger).took).toEqual([3_000]);
});

test('an order that was rolled back with its transaction is not waited for', () => {
  const fault = { kind: 'kill postgres', at: 1_000, market: 'KRW-ETH', order: 'rolled-back' };

  expect(measureRecovery([fault], ledger).took).toEqual([500]);
});

test('a market that decides no more has never recovered', () => {
  const fault = { kind: 'kill trader', at: 3_500, market: 'KRW-BTC' };

  expect(measureRecovery([fault], ledger)).toEqual({ took: [], never: [fault] });
});

test('a percentile is one of the values', () => {
  expect(percentile([3, 1, 2], 0.5)).toBe(2);
  expect(percentile([3, 1, 2], 0.95)).toBe(3);
  expect(percentile([], 0.95)).toBe(0);
});
