import { describe, expect, test } from 'vitest';
import {
  actionOf,
  DEFAULT_ENSEMBLE,
  ensembleText,
  InvalidEnsemble,
  parseEnsemble,
  scoreOf,
  withThreshold,
} from '../../strategy/ensemble.ts';
import type { Signals } from '../../strategy/registry.ts';

const NONE: Signals = { trend: 0, momentum: 0, swing: 0, scalping: 0, day: 0, price_action: 0 };

test('defaults are those of the reference', () => {
  expect(ensembleText(DEFAULT_ENSEMBLE)).toEqual({
    weights: {
      trend: '0.2000',
      momentum: '0.2000',
      swing: '0.2000',
      scalping: '0.1500',
      day: '0.1500',
      price_action: '0.1000',
    },
    threshold: '0.2000',
  });
});

describe('the score', () => {
  test.each([
    [{ trend: 1, momentum: 1, swing: 1, scalping: 1, day: 1, price_action: 1 }, 10_000],
    [{ trend: -1, momentum: -1, swing: -1, scalping: -1, day: -1, price_action: -1 }, -10_000],
    [{ trend: -1, momentum: 1, swing: -1, scalping: 0, day: -1, price_action: 0 }, -3_500],
    [{ trend: 1, momentum: -1, swing: -1, scalping: 0, day: 1, price_action: 0 }, -500],
    [{}, 0],
  ] as const)('of %o is %i ten-thousandths', (votes, score) => {
    expect(scoreOf({ ...NONE, ...votes }, DEFAULT_ENSEMBLE.weights)).toBe(score);
  });
});

describe('the action', () => {
  test.each([
    [2_000, 'buy'],
    [1_999, 'hold'],
    [0, 'hold'],
    [-1_999, 'hold'],
    [-2_000, 'sell'],
  ] as const)('at score %i and threshold 2000 is to %s', (score, action) => {
    expect(actionOf(score, 2_000)).toBe(action);
  });

  test.each([
    // As doubles: 0.1 + 0.2 is 0.30000000000000004, and 0.15 + 0.15 − 0.1 is 0.19999999999999998.
    { weights: { trend: 0.1, momentum: 0.2 }, threshold: 0.3, votes: { trend: 1, momentum: 1 }, action: 'buy' },
    { weights: { trend: 0.1, momentum: 0.2 }, threshold: 0.3, votes: { trend: -1, momentum: -1 }, action: 'sell' },
    { weights: { trend: 0.1, momentum: 0.2 }, threshold: 0.3001, votes: { trend: 1, momentum: 1 }, action: 'hold' },
    {
      weights: { scalping: 0.15, day: 0.15, price_action: 0.1 },
      threshold: 0.2,
      votes: { scalping: 1, day: 1, price_action: -1 },
      action: 'buy',
    },
    // 0.3 + 0.6 + 0.1 is 0.9999999999999999.
    {
      weights: { trend: 0.3, momentum: 0.6, swing: 0.1 },
      threshold: 1,
      votes: { trend: 1, momentum: 1, swing: 1 },
      action: 'buy',
    },
  ] as const)('of $votes weighed $weights is to $action at $threshold', ({ weights, threshold, votes, action }) => {
    const ensemble = parseEnsemble({ weights, threshold });
    expect(actionOf(scoreOf({ ...NONE, ...votes }, ensemble.weights), ensemble.threshold)).toBe(action);
  });
});

describe('an ensemble from outside', () => {
  test('may be text or numbers, and lacks what it does not name', () => {
    const ensemble = parseEnsemble({ weights: { trend: '0.70', day: 0.3 }, threshold: '0.05' });
    expect(ensemble).toEqual({
      weights: { trend: 7_000, momentum: 0, swing: 0, scalping: 0, day: 3_000, price_action: 0 },
      threshold: 500,
    });
  });

  test('survives being written and read', () => {
    expect(parseEnsemble(ensembleText(DEFAULT_ENSEMBLE))).toEqual(DEFAULT_ENSEMBLE);
  });

  test.each([
    [{ weights: { trend: '1.5' }, threshold: '0.2' }, 'weights.trend "1.5" is not a number from 0 to 1'],
    [{ weights: { trend: -0.1 }, threshold: '0.2' }, 'weights.trend -0.1 is not a number from 0 to 1'],
    [{ weights: { swing: 'much' }, threshold: '0.2' }, 'weights.swing "much"'],
    [{ weights: { swing: 0.1 + 0.2 }, threshold: '0.2' }, 'weights.swing 0.30000000000000004'],
    [{ weights: { hodl: 1 }, threshold: '0.2' }, 'weights.hodl 1: no strategy has that name; there are trend, '],
    [{ weights: { toString: 1 }, threshold: '0.2' }, 'weights.toString 1: no strategy has that name'],
    [{ weights: {}, threshold: '0.2' }, 'weights {}: at least one must be above 0'],
    [{ weights: { trend: 1 }, threshold: 0 }, 'threshold 0 must be above 0'],
    [{ weights: { trend: 1 }, threshold: '1.0001' }, 'threshold "1.0001" is not a number from 0 to 1'],
  ])('%j is refused: %s', (input, message) => {
    expect(() => parseEnsemble(input as Parameters<typeof parseEnsemble>[0])).toThrow(InvalidEnsemble);
    expect(() => parseEnsemble(input as Parameters<typeof parseEnsemble>[0])).toThrow(message);
  });

  test('is refused with all its faults at once', () => {
    expect(() => parseEnsemble({ weights: { trend: 2, day: 'x' }, threshold: -1 })).toThrow(
      /weights\.trend 2 .*; weights\.day "x" .*; threshold -1 /,
    );
  });
});

test('another threshold leaves the weights as they are', () => {
  expect(withThreshold(DEFAULT_ENSEMBLE, '0.35')).toEqual({ ...DEFAULT_ENSEMBLE, threshold: 3_500 });
  expect(() => withThreshold(DEFAULT_ENSEMBLE, '0')).toThrow(InvalidEnsemble);
});
