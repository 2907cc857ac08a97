import { expect, test } from 'vitest';
import { trend } from '../../../strategy/signals/trend.ts';
import { voteOf } from '../../support/bars.ts';

test.each([
  { says: 1, when: 'the close rose', closes: [100, 101] },
  { says: -1, when: 'it fell', closes: [101, 100] },
  { says: -1, when: 'it did not move', closes: [100, 100] },
  { says: 1, when: 'it rose by the finest tick', closes: ['0.00000001', '0.00000002'] },
  { says: -1, when: 'only older closes were lower', closes: [90, 101, 100] },
  { says: 0, when: 'there is no close before', closes: [100] },
])('trend says $says when $when', ({ says, closes }) => {
  expect(voteOf(trend, closes)).toBe(says);
});
