import { expect, test } from 'vitest';
import { swing } from '../../../strategy/signals/swing.ts';
import { flat, voteOf } from '../../support/bars.ts';

test.each([
  { says: 1, when: 'the last five stand higher', closes: [...flat(15, 100), ...flat(5, 101)] },
  { says: -1, when: 'they stand lower', closes: [...flat(15, 100), ...flat(5, 99)] },
  { says: -1, when: 'nothing moved', closes: flat(20, 100) },
  { says: -1, when: 'nothing moved at 0.1, where sums of doubles drift', closes: flat(20, '0.1') },
  // 15 × 100 + 98 + 99 + 100 + 101 + 102: both means are 100.
  { says: -1, when: 'the means are equal and prices are not', closes: [...flat(15, 100), 98, 99, 100, 101, 102] },
  // 4·(5·100 + 1) = 2004 against 20·100 + 1 = 2001.
  { says: 1, when: 'one close differs by one tick', closes: [...flat(19, 100), 101] },
  // 4·500 = 2000 against 2001: that close pulls up the mean of twenty only.
  { says: -1, when: 'the odd close is the sixth back', closes: [...flat(14, 100), 101, ...flat(5, 100)] },
  { says: -1, when: 'the twentieth back was high', closes: [101, ...flat(19, 100)] },
  // The 21st back is outside, so that the means are equal and not 5 above 20.
  { says: -1, when: 'the twenty-first back was low', closes: [1, ...flat(20, 100)] },
  { says: 0, when: 'there are nineteen closes', closes: [...flat(14, 100), ...flat(5, 101)] },
])('swing says $says when $when', ({ says, closes }) => {
  expect(voteOf(swing, closes)).toBe(says);
});
