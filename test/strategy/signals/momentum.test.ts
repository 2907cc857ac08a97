import { expect, test } from 'vitest';
import { momentum } from '../../../strategy/signals/momentum.ts';
import { NO_POSITION, voteOf, windowOf } from '../../support/bars.ts';

test.each([
  { says: 1, when: 'above the close five bars back', closes: [100, 90, 90, 90, 200, 101] },
  { says: -1, when: 'below it', closes: [100, 90, 90, 90, 90, 99] },
  { says: -1, when: 'equal to it', closes: [100, 90, 90, 90, 90, 100] },
  { says: 1, when: 'six bars back does not count', closes: [500, 100, 90, 90, 90, 90, 101] },
  { says: 0, when: 'there are only five closes', closes: [100, 101, 102, 103, 104] },
])('momentum says $says when $when', ({ says, closes }) => {
  expect(voteOf(momentum, closes)).toBe(says);
});

test('another lookback compares with another bar', () => {
  expect(momentum.signal(windowOf([100, 110, 105]), NO_POSITION, { lookback: 1 })).toBe(-1);
  expect(momentum.signal(windowOf([100, 110, 105]), NO_POSITION, { lookback: 2 })).toBe(1);
});
