import { expect, test } from 'vitest';
import { decide } from '../../strategy/decide.ts';
import { DEFAULT_ENSEMBLE, parseEnsemble } from '../../strategy/ensemble.ts';
import { flat, NO_POSITION, windowOf } from '../support/bars.ts';

const decided = (closes: readonly (string | number)[], ensemble = DEFAULT_ENSEMBLE) =>
  decide(windowOf(closes), NO_POSITION, ensemble);

test('a decision says what each strategy voted, how it was weighed, and why in one sentence', () => {
  expect(decided([...flat(199), 101])).toEqual({
    kind: 'decided',
    signals: { trend: 1, momentum: 1, swing: 1, scalping: 1, day: 1, price_action: 1 },
    weights: {
      trend: '0.2000',
      momentum: '0.2000',
      swing: '0.2000',
      scalping: '0.1500',
      day: '0.1500',
      price_action: '0.1000',
    },
    threshold: '0.2000',
    score: '1.0000',
    action: 'buy',
    reason: 'score 1.0000 ≥ threshold 0.2000: buy',
  });
});

test.each([
  // A flat market votes down four times: an unchanged close is not above the one before.
  { when: 'nothing moves', closes: flat(200), score: '-0.7500', reason: 'score -0.7500 ≤ -threshold -0.2000: sell' },
  {
    when: 'a small step up follows a fall',
    closes: [...flat(15, 10_000), 9_990, 9_980, 9_970, 9_960, 9_950, 9_951],
    score: '-0.0500',
    reason: 'score -0.0500 between -0.2000 and 0.2000: hold',
  },
  // Momentum and swing abstain: 0.2 + 0.15 + 0.15 + 0.1.
  {
    when: 'there are three closes',
    closes: [100, 100, 101],
    score: '0.6000',
    reason: 'score 0.6000 ≥ threshold 0.2000: buy',
  },
])('when $when: $reason', ({ closes, score, reason }) => {
  expect(decided(closes)).toMatchObject({ score, reason });
});

test('a score exactly at the threshold acts', () => {
  const ensemble = parseEnsemble({ weights: { trend: '0.1', scalping: '0.2' }, threshold: '0.3' });

  expect(decided([1000, 1000, 1001], ensemble)).toMatchObject({ score: '0.3000', action: 'buy' });
  expect(decided([1000, 1000, 999], ensemble)).toMatchObject({ score: '-0.3000', action: 'sell' });
});

test.each([0, 1, 2])('%i closes give no decision', (count) => {
  expect(decided(flat(count))).toEqual({
    kind: 'no-decision',
    reason: `${count} closed candles are fewer than 3`,
  });
});
