import { expect, test } from 'vitest';
import { barSeries } from '../../strategy/bar-series.ts';
import { BarWindow, WINDOW_BARS } from '../../strategy/bar-window.ts';
import { barsOf } from '../support/bars.ts';

const upTo = (count: number) => barsOf(Array.from({ length: count }, (_, n) => n + 1));

test('a window counts back from its newest bar', () => {
  const window = BarWindow.endingWith(upTo(3));

  expect([window.length, window.close(0), window.open(1), window.high(2), window.low(2)]).toEqual([3, 3, 2, 1, 1]);
  expect(window.volume(0)).toBe(100_000_000n);
});

test('a window holds the last 200 bars', () => {
  const window = BarWindow.endingWith(upTo(250));

  expect(window.length).toBe(WINDOW_BARS);
  expect([window.close(0), window.close(199)]).toEqual([250, 51]);
});

test('a window in the middle of a series sees neither the future nor beyond 200 bars', () => {
  const window = new BarWindow(barSeries(upTo(500)), 300);

  expect([window.close(0), window.close(199)]).toEqual([300, 101]);
  for (const ago of [-1, 200, 0.5, Number.NaN]) expect(() => window.close(ago)).toThrow(`bar ${ago} back is outside`);
});

test('a window cannot end outside its series', () => {
  expect(new BarWindow(barSeries([])).length).toBe(0);
  expect(() => new BarWindow(barSeries(upTo(3)), 4)).toThrow('a window cannot end at bar 4 of 3');
  expect(() => new BarWindow(barSeries(upTo(3)), -1)).toThrow(RangeError);
});
