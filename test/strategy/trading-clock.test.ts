import { describe, expect, it } from 'vitest';
import { candleToDecide, decideUntil, orderDeadline } from '../../strategy/trading-clock.ts';
import { MINUTE, minute } from '../support/candles.ts';

const SECOND = 1_000;

describe('the candle a run is about, with a lead of two seconds', () => {
  const times = { length: MINUTE, lead: 2 * SECOND };

  it.each([
    ['at the close, the one that has just closed', 0, -1],
    ['up to 0.4 of a candle later, the same', 24 * SECOND, -1],
    ['later than that, none: it would be stale', 24 * SECOND + 1, undefined],
    ['just before the lead, none: the forming one is not to be decided on', 58 * SECOND - 1, undefined],
    ['within the lead, the one that is about to close', 58 * SECOND, 0],
    ['a millisecond before the close, the same', MINUTE - 1, 0],
  ])('is %s', (_, afterClose, expected) => {
    const candle = candleToDecide(minute(10) + afterClose, times);
    expect(candle).toBe(expected === undefined ? undefined : minute(10 + expected));
  });

  it('is never the forming one where runs start at the close', () => {
    const atClose = { length: MINUTE, lead: 0 };
    expect(candleToDecide(minute(11) - 1, atClose)).toBeUndefined();
    expect(candleToDecide(minute(11), atClose)).toBe(minute(10));
  });
});

it('a candle may be decided on until 0.4 of a candle after its close', () => {
  expect(decideUntil(minute(10), MINUTE)).toBe(minute(11) + 24 * SECOND);
});

describe('an order may be sent and rest', () => {
  it('until 0.7 of a candle after the close', () => {
    expect(orderDeadline(minute(10), { length: MINUTE, lead: SECOND }, 300)).toBe(minute(11) + 42 * SECOND);
  });

  it('and no longer than until shortly before the next run starts', () => {
    // Two seconds a candle, runs a second early: 0.7 of it would reach into the next one's run.
    const market = 30;
    const times = { length: MINUTE, lead: SECOND * market };
    expect(orderDeadline(minute(10), times, 300 * market)).toBe(minute(11) + 700 * market);
  });
});
