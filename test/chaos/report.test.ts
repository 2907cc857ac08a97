import { expect, test } from 'vitest';
import { BROKEN_BUILDS, foundOut } from './broken-builds.ts';
import { NOTHING_WRONG } from './judge.ts';
import type { PhaseResult } from './phases.ts';
import { failuresOf, type RunResults, reportOf } from './report.ts';

const proven = { halted: { from: 1, until: 2 }, proven: true, notKnown: [], problem: undefined };
const phase: PhaseResult = {
  name: 'faults',
  judgement: NOTHING_WRONG,
  candlesMissing: 0,
  orders: { filled: 400, canceled: 100 },
  injected: [{ kind: 'kill trader', at: 1 }],
  expected: ['kill trader', 'exchange: 429'],
  halts: [proven],
  spared: [],
  days: 1,
  stuck: [],
  atExchange: { 'exchange: 429': 3 },
  recoveries: [1_000, 2_000],
  neverRecovered: [],
  leftUnknown: ['a'],
};
const results = (change: Partial<PhaseResult> = {}): RunResults => ({
  seed: 1,
  phases: [{ ...phase, ...change }],
  broken: new Map([['random-identifier', { figure: 'lost_orders', finding: 'an order' }]]),
  wanted: { phases: ['faults'], broken: ['random-identifier'] },
});

test('a run in which nothing went wrong passes, and says what it did', () => {
  expect(failuresOf(results())).toEqual([]);
  expect(reportOf(results())).toMatchObject({
    cycles: { faults: 500 },
    duplicates: 0,
    stuck: 0,
    orders: { filled: 400, canceled: 100 },
    halts: { asked: 1, returned: 1, proven: 1 },
    faults: { 'kill trader': 1, 'exchange: 429': 3 },
    recovery_ms: { count: 2, p50: 1_000, p95: 2_000, max: 2_000 },
    left_unknown: 1,
    broken_builds: { 'random-identifier': 'caught by lost_orders' },
    notes: [],
  });
});

test('phases are added up, and their orders told apart', () => {
  const { phases, ...rest } = results();
  const points: PhaseResult = { ...phase, name: 'crash-points', orders: { filled: 7 } };

  const report = reportOf({ ...rest, phases: [...phases, points] });

  expect(report).toMatchObject({
    cycles: { faults: 500, 'crash-points': 7 },
    orders: { filled: 407, canceled: 100 },
    faults: { 'kill trader': 2, 'exchange: 429': 6 },
    days_passed: 2,
  });
});

const failed = { halted: undefined, proven: false, notKnown: [], problem: 'exit 1: trading is NOT halted' };

test.each([
  ['an order that was lost', { judgement: { ...phase.judgement, lost_orders: ['a'] } }],
  ['a candle that is missing', { candlesMissing: 1 }],
  ['a bot that does not say which candles are missing', { candlesMissing: undefined }],
  ['a slow recovery', { recoveries: [15_001] }],
  ['no recovery that was measured', { recoveries: [] }],
  ['a fault without a recovery', { neverRecovered: [{ kind: 'kill trader', at: 1 }] }],
  ['a fault at the exchange that never struck', { atExchange: {} }],
  ['a fault that was never injected', { injected: [] }],
  ['a step no order came to', { spared: ['kill trader: before the decision'] }],
  ['a halt that halted nothing', { halts: [proven, failed] }],
])('%s makes it fail', (_, change) => {
  expect(failuresOf(results(change))).toHaveLength(1);
});

test('halts of crash points of which none was proven make it fail, and those under random faults do not', () => {
  const halts = Array.from({ length: 5 }, () => ({ ...proven, proven: false, notKnown: ['order a: not found'] }));
  const points = { ...results({ name: 'crash-points', halts }), wanted: { phases: [], broken: [] } };

  expect(failuresOf(points)).toEqual(['crash-points: none of 5 halts was proven']);
  expect(failuresOf(results({ halts }))).toEqual([]);
});

test('a halt that halts and does not know all is one that returned', () => {
  const report = results({ halts: [{ ...proven, proven: false }, proven] });

  expect(reportOf(report).halts).toEqual({ asked: 2, returned: 2, proven: 1 });
  expect(failuresOf(report)).toEqual([]);
});

test('the times of the control are not measured', () => {
  const control = results({ name: 'control', recoveries: [15_001] });

  expect(reportOf(control).recovery_ms).toMatchObject({ count: 0, p95: null });
  expect(failuresOf({ ...control, wanted: { phases: ['control'], broken: [] } })).toEqual([]);
  expect(failuresOf({ ...results({ name: 'control', recoveries: [] }), wanted: { phases: [], broken: [] } })).toEqual(
    [],
  );
});

test('a fault that was never injected is told as 0, and excused only where a run is too short for it', () => {
  const short = results({ orders: { filled: 499 }, injected: [] });

  expect(reportOf(short)).toMatchObject({
    faults: { 'kill trader': 0, 'exchange: 429': 3 },
    notes: ['faults: 499 orders are too few to require every kind of fault (500 are enough); 1 were not injected'],
  });
  expect(failuresOf(short)).toEqual([]);
  expect(failuresOf(results({ name: 'crash-points', orders: { filled: 1 }, injected: [] }))).toContain(
    'crash-points: kill trader: not injected once',
  );
});

test('what looked at nothing does not pass, and shows no zeros', () => {
  const nothing: RunResults = { ...results(), phases: [], broken: new Map() };

  expect(failuresOf(nothing)).toEqual(['faults: was not run', 'random-identifier was not built in']);
  expect(reportOf(nothing)).toMatchObject({ cycles: {}, duplicates: null, created_after_halt: null, stuck: null });
  expect(reportOf(nothing)).toMatchObject({ candles_missing: null, recovery_ms: { count: 0, p95: null } });
  expect(failuresOf(results({ orders: {} }))).toContain('faults: it looked at no order');
});

test('a broken build that passes makes it fail', () => {
  const passed = new Map([['believe-404', foundOut('believe-404', NOTHING_WRONG)]] as const);

  expect(failuresOf({ ...results(), broken: passed, wanted: { phases: [], broken: [] } })).toEqual([
    'the build broken by believe-404 passed: lost_orders is 0',
  ]);
});

test('a broken build is found out by what it breaks, and by nothing else', () => {
  const slow = { ...NOTHING_WRONG, stuck: ['KRW-BTC: no decision within 15 s'] };

  for (const build of BROKEN_BUILDS) {
    const { figure, finding } = foundOut(build, slow);
    expect(finding).toBeUndefined();
    expect(foundOut(build, { ...slow, [figure]: ['a'] }).finding).toBe('a');
  }
});
