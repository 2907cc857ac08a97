import { describe, expect, it } from 'vitest';
import { closedCandles, settledFrom, settledUntil } from '../../exchange/candle-page.ts';
import { UnexpectedResponse } from '../../exchange/errors.ts';
import type { CandlePage } from '../../exchange/port.ts';
import { candleAt, MINUTE, minute } from '../support/candles.ts';

/** A page as the exchange would give it: minutes newest first, and its clock in seconds after minute 0. */
function page(minutes: readonly number[], clockSeconds: number): CandlePage {
  return { candles: minutes.map((n) => candleAt(n)), exchangeClock: minute(0) + clockSeconds * 1_000 };
}

describe('closed candles', () => {
  it.each([
    { minutes: [3, 2, 1], clock: 3 * 60 + 30, closed: [2, 1], why: 'the forming candle is first' },
    {
      minutes: [2, 1],
      clock: 3 * 60 + 30,
      closed: [2, 1],
      why: 'the forming minute had no trade: the first is closed',
    },
    { minutes: [2, 1], clock: 3 * 60, closed: [2, 1], why: 'a candle closes on the second its minute ends' },
    { minutes: [2, 1], clock: 3 * 60 - 1, closed: [1], why: 'a second before its end it has not' },
    { minutes: [4, 3, 2], clock: 3 * 60 + 1, closed: [2], why: 'ours is not the clock that counts: theirs lags' },
  ])('are told by the exchange clock, not by their place: $why', ({ minutes, clock, closed }) => {
    expect(closedCandles(page(minutes, clock), MINUTE).map((candle) => candle.ts)).toEqual(closed.map(minute));
  });
});

describe('how far a page settles what happened', () => {
  it.each([
    { minutes: [3, 2], clock: 3 * 60 + 1, until: 3, why: 'a newer candle is visible' },
    { minutes: [2, 1], clock: 3 * 60, until: 3, why: 'the closed candle itself is there' },
    { minutes: [1, 0], clock: 3 * 60 + 4, until: 2, why: 'minute 2 is empty and only 4 s old: it may still appear' },
    { minutes: [1, 0], clock: 3 * 60 + 5, until: 3, why: 'minute 2 is empty and a twelfth of a candle old' },
    { minutes: [], clock: 3 * 60 + 5, until: 3, why: 'nothing at all has traded' },
    { minutes: [3], clock: 3 * 60 - 30, until: 2, why: 'a forming candle does not settle its own minute' },
  ])('$why', ({ minutes, clock, until }) => {
    expect(settledUntil(page(minutes, clock), MINUTE)).toBe(minute(until));
  });

  it('reaches down to the oldest candle of a full page', () => {
    expect(settledFrom([candleAt(9), candleAt(7)], 2, minute(1))).toBe(minute(7));
  });

  it('reaches down to the oldest candle of a short page that shows what we hold', () => {
    expect(settledFrom([candleAt(9), candleAt(1)], 3, minute(1))).toBe(minute(1));
    expect(settledFrom([candleAt(9), candleAt(0)], 3, minute(1))).toBe(minute(0));
  });

  it('is not told by a short or empty page that lacks what we hold', () => {
    expect(() => settledFrom([candleAt(9), candleAt(7)], 3, minute(1))).toThrow(UnexpectedResponse);
    expect(() => settledFrom([], 3, minute(1))).toThrow(/none as old as 2025-03-01T00:01:00/);
  });

  it('is what there is before we hold anything', () => {
    expect(settledFrom([candleAt(9), candleAt(7)], 3, undefined)).toBe(minute(7));
    expect(settledFrom([], 3, undefined)).toBeUndefined();
  });
});
