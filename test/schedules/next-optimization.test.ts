import { expect, it } from 'vitest';
import { nextOptimization } from '../../schedules/next-optimization.ts';
import { MINUTE, minute } from '../support/candles.ts';

const DAY = 1_440;
const WALL = 1_800_000_000_000;
const at = (firstStart: number | undefined, now: number, speed = 60) =>
  nextOptimization(firstStart === undefined ? undefined : minute(firstStart), {
    ...{ marketNow: minute(now), wallNow: WALL, speed },
  });

it.each([
  ['before the first start 200 candles from now', undefined, 0, 200],
  ['after a stop, what is left of the 200: market time stood still', 0, 150, 50],
  ['at the 200th candle itself a market day later', 0, 200, DAY],
  ['later the rest of the market day', 0, 200 + 100, DAY - 100],
  ['days later the rest of that day', 0, 200 + 3 * DAY + 40, DAY - 40],
])('%s', (_, firstStart, now, minutes) => {
  expect(at(firstStart, now)).toBe(WALL + (minutes * MINUTE) / 60);
});

it('takes wall time by the speed of the run', () => {
  expect(at(undefined, 0, 12) - WALL).toBe(5 * (at(undefined, 0, 60) - WALL));
});
