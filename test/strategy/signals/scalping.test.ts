import { expect, test } from 'vitest';
import { scalping } from '../../../strategy/signals/scalping.ts';
import { voteOf } from '../../support/bars.ts';

test.each([
  { says: 1, when: 'the rise is exactly 0.1 %', closes: [1000, 1001] },
  { says: -1, when: 'the fall is exactly 0.1 %', closes: [1000, 999] },
  { says: 0, when: 'the rise is one tick less', closes: [1001, 1002] },
  { says: 0, when: 'the fall is one tick less', closes: [1001, 1000] },
  // As doubles (0.1001 − 0.1) / 0.1 is 0.0009999999999998899, and the fall below misses it likewise.
  { says: 1, when: 'doubles would miss the rise', closes: ['0.1', '0.1001'] },
  { says: -1, when: 'doubles would miss the fall', closes: ['0.3', '0.2997'] },
  { says: 1, when: 'last / previous − 1 would miss it', closes: [3000, 3003] },
  { says: 0, when: 'nothing moved', closes: [1000, 1000] },
  { says: 0, when: 'the move happened a bar earlier', closes: [900, 1000, 1000] },
  { says: 1, when: 'the price is large', closes: [150_000_000, 150_150_000] },
  { says: 0, when: 'it is a won short of it', closes: [150_000_000, 150_149_999] },
  { says: 0, when: 'the previous close was 0', closes: [0, 1000] },
  { says: 0, when: 'there is no close before', closes: [1000] },
])('scalping says $says when $when', ({ says, closes }) => {
  expect(voteOf(scalping, closes)).toBe(says);
});
