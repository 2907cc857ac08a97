import { expect, test } from 'vitest';
import type { HaltOfStorm, StormResult } from './halt-storm.ts';
import { stormFailures, stormReport } from './storm-report.ts';

const halt: HaltOfStorm = {
  ...{ victim: null, struckAfter: 0, code: 0, halted: true, proven: true, notKnown: [], tookMs: 700 },
  afterReturn: [],
};
const unproven = { ...halt, code: 1, proven: false };
const storm: StormResult = { halts: [halt, unproven], creates: 2, ledgerEqualsExchange: true };
const failuresOf = (change: Partial<StormResult>) => stormFailures(stormReport({ ...storm, ...change }));

test('halts of a bot that orders pass when they halt it and one of them is proven', () => {
  expect(failuresOf({})).toEqual([]);
});

test.each([
  [
    'a create after a return',
    { halts: [halt, { ...halt, afterReturn: [{ identifier: 'a', arrived: 1, passedOn: 2 }] }] },
  ],
  ['a halt that halted nothing', { halts: [halt, { ...unproven, halted: false }] }],
  ['no halt that was proven', { halts: [unproven, unproven] }],
  ['a bot that ordered less often than it was halted', { creates: 1 }],
  ['a ledger that differs', { ledgerEqualsExchange: false }],
])('%s fails', (_, change) => {
  expect(failuresOf(change)).toHaveLength(1);
});
