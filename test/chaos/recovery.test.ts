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
    { market: 'KRW-BTC', action: 'buy', at: 800, waitsFor: null },
    { market: 'KRW-ETH', action: 'hold', at: 1_500, waitsFor: null },
    { market: 'KRW-BTC', action: 'hold', at: 3_000, waitsFor: null },
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

  expect(measureRecovery([fault], ledger)).toEqual({ took: [], never: [fault], leftUnknown: [] });
});

test('a market that is blocked has recovered only when an order that is not found is all it waits for', () => {
  const at = 3_500;
  const fault = { kind: 'kill trader', at, market: 'KRW-BTC' };
  const blocked = { market: 'KRW-BTC', action: 'blocked', waitsFor: null, at: 4_000 };
  const waiting = { ...blocked, waitsFor: 'b', at: 5_000 };
  const after = (...decisions: LedgerRecord['decisions']) =>
    measureRecovery([fault], { ...ledger, decisions: [...ledger.decisions, ...decisions] });

  expect(after(blocked)).toEqual({ took: [], never: [fault], leftUnknown: [] });
  expect(after(blocked, waiting)).toEqual({ took: [1_500], never: [], leftUnknown: ['b'] });
});

test('an order that ended as not found is told of beside the time', () => {
  const fault = { kind: 'kill trader', at: 1_000, market: 'KRW-BTC', order: 'a' };
  const steps = [{ identifier: 'a', market: 'KRW-BTC', status: 'unknown', at: 2_000 }, ...ledger.steps.slice(1)];

  expect(measureRecovery([fault, fault], { ...ledger, steps })).toEqual({
    took: [2_000, 2_000],
    never: [],
    leftUnknown: ['a'],
  });
});

test('a percentile is one of the values', () => {
  expect(percentile([3, 1, 2], 0.5)).toBe(2);
  expect(percentile([3, 1, 2], 0.95)).toBe(3);
  expect(percentile([], 0.95)).toBeNull();
});
