import { expect, it } from 'vitest';
import { createLiveClock } from '../../../../exchange/paper/live/live-clock.ts';

it('shows the source’s time in whole milliseconds, stands without it, and never goes back', () => {
  let sourceTime: number | undefined;
  const clock = createLiveClock(1_000, () => sourceTime);

  expect(clock.now()).toBe(1_000);
  sourceTime = 1_500.7;
  expect(clock.now()).toBe(1_500);
  sourceTime = 1_200;
  expect(clock.now()).toBe(1_500);
  clock.hear(1_600);
  expect(clock.now()).toBe(1_600);
  clock.hear(1_400);
  expect(clock.stop()).toBe(1_600);
});
