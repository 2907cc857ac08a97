import { describe, expect, test } from 'vitest';
import { barSeries, MAX_SCALED_PRICE } from '../../strategy/bar-series.ts';
import { barsOf } from '../support/bars.ts';

describe('bars are scaled', () => {
  test('by the finest of all prices, trailing zeros not counted', () => {
    const [bar] = barsOf(['3868']);
    if (bar === undefined) throw new Error('no bar');

    const series = barSeries([{ ...bar, open: '3867.50', high: '3868.1000', low: '3867.00000000', volume: '0.1' }]);

    expect(series).toMatchObject({ length: 1, decimals: 1 });
    expect([series.open[0], series.high[0], series.low[0], series.close[0]]).toEqual([38675, 38681, 38670, 38680]);
    expect(series.volume).toEqual([10_000_000n]);
  });

  test.each([
    { closes: ['150803000', '150804000'], decimals: 0, scaled: [150_803_000, 150_804_000] },
    { closes: ['0.00003137', '0.0001'], decimals: 8, scaled: [3_137, 10_000] },
    { closes: ['0', '0.30'], decimals: 1, scaled: [0, 3] },
    { closes: [], decimals: 0, scaled: [] },
  ])('$closes → $scaled of 1e-$decimals', ({ closes, decimals, scaled }) => {
    const series = barSeries(barsOf(closes));

    expect(series.decimals).toBe(decimals);
    expect([...series.close]).toEqual(scaled);
  });

  test('volumes beyond what a double counts', () => {
    const bars = barsOf(['0.0008']).map((bar) => ({ ...bar, volume: '123456789012.12345678' }));
    expect(barSeries(bars).volume).toEqual([12_345_678_901_212_345_678n]);
  });
});

test('a scaled price leaves room for a factor of 1000', () => {
  expect(Number.isSafeInteger(MAX_SCALED_PRICE * 1000)).toBe(true);
  expect(barSeries(barsOf([String(MAX_SCALED_PRICE)])).close[0]).toBe(MAX_SCALED_PRICE);
});

test.each([
  [{ close: String(MAX_SCALED_PRICE + 1) }, `close ${MAX_SCALED_PRICE + 1} with 0 decimals has too many digits`],
  [{ high: '150803000.00000001' }, 'high 150803000.00000001 with 8 decimals has too many digits'],
  [{ close: '1e8' }, 'close "1e8" is not a decimal number'],
  [{ low: '-1' }, 'low "-1" is not a decimal number'],
  [{ open: '' }, 'open "" is not a decimal number'],
  [{ close: '1.' }, 'close "1." is not a decimal number'],
  [{ volume: '0.000000001' }, 'volume 0.000000001 has more than 8 decimals'],
])('%o is refused: %s', (change, message) => {
  expect(() => barSeries(barsOf(['100']).map((bar) => ({ ...bar, ...change })))).toThrow(message);
});

test('bars newest first, or twice the same, are refused', () => {
  const [first, second] = barsOf([1, 2]);
  if (first === undefined || second === undefined) throw new Error('no bars');

  expect(() => barSeries([second, first])).toThrow(`oldest first: ts ${first.ts} follows ${second.ts}`);
  expect(() => barSeries([first, first])).toThrow('oldest first');
});
