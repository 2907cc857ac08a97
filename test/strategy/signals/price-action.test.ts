import { expect, test } from 'vitest';
import { priceAction } from '../../../strategy/signals/price-action.ts';
import { flat, voteOf } from '../../support/bars.ts';

test.each([
  { says: 1, when: 'above every close before', closes: [100, 102, 101, 103] },
  { says: -1, when: 'below every close before', closes: [100, 99, 101, 98] },
  { says: 0, when: 'equal to the highest', closes: [100, 102, 101, 102] },
  { says: 0, when: 'equal to the lowest', closes: [100, 99, 101, 99] },
  { says: 0, when: 'in between', closes: [100, 102, 101] },
  { says: 0, when: 'nothing moved', closes: flat(200) },
  { says: 0, when: 'the oldest of 200 was higher', closes: [300, ...flat(198), 200] },
  { says: 1, when: 'the 201st back was higher', closes: [300, ...flat(199), 200] },
  { says: 0, when: 'there are two closes', closes: [100, 101] },
])('price_action says $says when $when', ({ says, closes }) => {
  expect(voteOf(priceAction, closes)).toBe(says);
});
