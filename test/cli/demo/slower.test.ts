import { expect, it } from 'vitest';
import { slowerAdvice } from '../../../cli/demo/slower.ts';

it.each([
  [60, '; try --speed 30'],
  [30, '; try --speed 15'],
  [15, '; try --speed 6'],
  [2, '; try --speed 1'],
  [1, ''],
])('at speed %i a machine too busy is advised%s', (speed, advice) => {
  expect(slowerAdvice(speed)).toBe(advice);
});
