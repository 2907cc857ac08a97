import { expect, it } from 'vitest';
import { planStrikes } from '../../../cli/demo/strike.ts';

it('kills each part once a round, over two rounds at each of the two moments', () => {
  const strikes = planStrikes(2, 5);
  const parts = strikes.map(({ victim, moment }) => `${victim.title} ${moment}`);

  expect(
    strikes
      .slice(0, 5)
      .map(({ victim }) => victim.title)
      .sort(),
  ).toEqual(
    strikes
      .slice(5)
      .map(({ victim }) => victim.title)
      .sort(),
  );
  expect(new Set(strikes.map(({ victim }) => victim.title)).size).toBe(5);
  expect(new Set(parts).size).toBe(10);
});

it('plans the same for the same seed and otherwise for another', () => {
  expect(planStrikes(3, 1)).toEqual(planStrikes(3, 1));
  expect(planStrikes(3, 2)).not.toEqual(planStrikes(3, 1));
});
