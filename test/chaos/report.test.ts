import { expect, test } from 'vitest';
import { NOTHING_WRONG } from './judge.ts';
import type { PhaseResult } from './phases.ts';
import { failuresOf, reportOf } from './report.ts';

const phase: PhaseResult = {
  judgement: NOTHING_WRONG,
  candlesMissing: 0,
  orders: { filled: 400, canceled: 100 },
  injected: [{ kind: 'kill trader', at: 1 }],
  halts: [{ from: 1, until: 2 }],
  spared: [],
  days: 1,
  stuck: [],
  atExchange: { 'exchange: 429': 3 },
  recoveries: [1_000, 2_000],
  neverRecovered: [],
};
const results = (change: Partial<PhaseResult> = {}) => ({
  seed: 1,
  phases: [{ ...phase, ...change }],
  broken: new Map([['random-identifier', true]] as const),
});

test('a run in which nothing went wrong passes, and says what it did', () => {
  expect(failuresOf(results())).toEqual([]);
  expect(reportOf(results())).toMatchObject({
    cycles: 500,
    duplicates: 0,
    stuck: 0,
    orders: { filled: 400, canceled: 100 },
    faults: { 'kill trader': 1, 'exchange: 429': 3 },
    recovery_ms: { p50: 1_000, p95: 2_000, max: 2_000 },
  });
});

test('phases are added up', () => {
  const { phases, ...rest } = results();

  const report = reportOf({ ...rest, phases: [...phases, ...phases] });

  expect(report).toMatchObject({ cycles: 1_000, faults: { 'kill trader': 2, 'exchange: 429': 6 }, days_passed: 2 });
});

test.each([
  ['an order that was lost', { judgement: { ...phase.judgement, lost_orders: ['a'] } }],
  ['a candle that is missing', { candlesMissing: 1 }],
  ['a slow recovery', { recoveries: [15_001] }],
  ['a fault without a recovery', { neverRecovered: [{ kind: 'kill trader', at: 1 }] }],
  ['a fault that never struck', { atExchange: { 'exchange: 429': 0 } }],
  ['a step no order came to', { spared: ['kill trader: before the decision'] }],
])('%s makes it fail', (_, change) => {
  expect(failuresOf(results(change))).toHaveLength(1);
});

test('a broken build that passes makes it fail', () => {
  expect(failuresOf({ ...results(), broken: new Map([['believe-404', false]]) })).toEqual([
    'the build broken by believe-404 passed',
  ]);
});
