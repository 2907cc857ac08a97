import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadReplayFile } from '../../exchange/paper/feed/replay-file.ts';
import { barSeries } from '../../strategy/bar-series.ts';
import { BarWindow, WINDOW_BARS } from '../../strategy/bar-window.ts';
import { type Action, actionOf, scoreOf } from '../../strategy/ensemble.ts';
import { type Signals, signalsOf } from '../../strategy/registry.ts';
import { flat, NO_POSITION } from '../support/bars.ts';

/**
 * Where the same rules in doubles say something else: the figures of docs/strategies.md, "Why exact". `float…` is the
 * code one writes first.
 */
const floatSwing = (closes: readonly number[]) => (mean(closes.slice(-5)) > mean(closes.slice(-20)) ? 1 : -1);
const floatChange = (last: number, previous: number) => (last - previous) / previous;
const floatRatio = (last: number, previous: number) => last / previous - 1;
const floatScalping = (change: number) => (change >= 0.001 ? 1 : change <= -0.001 ? -1 : 0);
const floatAction = (score: number, threshold: number): Action =>
  score >= threshold ? 'buy' : score <= -threshold ? 'sell' : 'hold';

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** What can happen on a market: day is trend; scalping and a breakout go trend's way, a breakout momentum's as well. */
const POSSIBLE: Signals[] = ([1, -1] as const).flatMap((trend) =>
  ([1, -1] as const).flatMap((momentum) =>
    ([1, -1] as const).flatMap((swing) =>
      ([0, trend] as const).flatMap((scalping) =>
        ([0, trend] as const)
          .filter((breakout) => breakout === 0 || momentum === trend)
          .map((price_action) => ({ trend, momentum, swing, scalping, day: trend, price_action })),
      ),
    ),
  ),
);

/** The reference search space: weights in tenths that sum to 1, thresholds 0.05 to 0.5 in twentieths. */
function* searchSpace(): Iterable<{ tenths: Record<keyof Signals, number>; twentieths: number }> {
  const upTo = (most: number) => Array.from({ length: most + 1 }, (_, n) => n);
  for (const trend of upTo(10))
    for (const momentum of upTo(10 - trend))
      for (const swing of upTo(10 - trend - momentum))
        for (const scalping of upTo(10 - trend - momentum - swing))
          for (const day of upTo(10 - trend - momentum - swing - scalping))
            for (const twentieths of upTo(9)) {
              const price_action = 10 - trend - momentum - swing - scalping - day;
              yield { tenths: { trend, momentum, swing, scalping, day, price_action }, twentieths: twentieths + 1 };
            }
}

test('with doubles 1,307 of 30,030 grid points act differently on some possible vote', () => {
  const count = { all: 0, different: 0 };
  for (const { tenths, twentieths } of searchSpace()) {
    const weights = mapped(tenths, (tenth) => tenth * 1_000);
    const doubles = Object.values(tenths).map((tenth) => tenth / 10);
    const differs = POSSIBLE.some((signals) => {
      const float = Object.values(signals).reduce<number>((sum, vote, n) => sum + (doubles[n] ?? 0) * vote, 0);
      return actionOf(scoreOf(signals, weights), twentieths * 500) !== floatAction(float, twentieths / 20);
    });
    count.all += 1;
    if (differs) count.different += 1;
  }
  expect(POSSIBLE).toHaveLength(24);
  expect(count).toEqual({ all: 30_030, different: 1_307 });
});

test.each([
  { from: 10, decimals: 1, prices: 900, unequal: 606, wrong: 303 },
  { from: 1, decimals: 2, prices: 900, unequal: 634, wrong: 323 },
  { from: 0.1, decimals: 3, prices: 900, unequal: 644, wrong: 317 },
  { from: 100, decimals: 0, prices: 900, unequal: 0, wrong: 0 },
])('with doubles the means of a flat window differ at $unequal of the $prices prices from $from KRW', (band) => {
  const count = { prices: 0, unequal: 0, wrong: 0 };
  for (let units = 100; units < 1_000; units += 1) {
    const closes = flat(20, units / 10 ** band.decimals).map(Number);
    count.prices += 1;
    if (mean(closes.slice(-5)) !== mean(closes)) count.unequal += 1;
    if (floatSwing(closes) === 1) count.wrong += 1;
  }
  const { prices, unequal, wrong } = band;
  expect(count).toEqual({ prices, unequal, wrong });
});

test('with doubles a step of exactly 0.1 % is missed at over half of the prices 0.1 to 99.9 KRW', () => {
  const missed = { rise: 0, fall: 0 };
  for (let tenths = 1; tenths < 1_000; tenths += 1) {
    const [previous, higher, lower] = [1_000, 1_001, 999].map((part) => (tenths * part) / 10_000) as [
      number,
      number,
      number,
    ];
    if (floatScalping(floatChange(higher, previous)) !== 1) missed.rise += 1;
    if (floatScalping(floatChange(lower, previous)) !== -1) missed.fall += 1;
  }
  expect(missed).toEqual({ rise: 560, fall: 492 });
});

const shared = '../shared/candles';
const haveCandles = existsSync(shared);
if (!haveCandles) console.info(`not run: float differences over months of candles (${shared} is not on this machine)`);

describe.runIf(haveCandles)('over the shared candles doubles differ', () => {
  test.each([
    { file: '202301_KRW-BTC_ohlcv', windows: 43_867, equalMeans: 88, swing: [0, 0, 22], tenth: 1, scalping: [0, 1] },
    { file: 'ETH_KRW_1m', windows: 47_400, equalMeans: 213, swing: [0, 0, 47], tenth: 4, scalping: [0, 2] },
    { file: 'XRP_KRW_1m', windows: 47_401, equalMeans: 295, swing: [0, 72, 74], tenth: 3, scalping: [0, 2] },
  ])('in $file', ({ file, ...expected }) => {
    const bars = [...loadReplayFile(`${shared}/${file}.csv`)].map((candle) => ({ ts: candle.start, ...candle }));
    const series = barSeries(bars);
    const [whole, thousandth, tenThousandth] = [1, 1_000, 10_000].map((divisor) =>
      Array.from(series.close, (close) => close / divisor),
    ) as [number[], number[], number[]];

    const count = { windows: 0, equalMeans: 0, swing: [0, 0, 0], tenth: 0, scalping: [0, 0] };
    const tally = (counts: number[], differs: boolean[]) =>
      differs.forEach((differ, n) => {
        if (differ) counts[n] = (counts[n] ?? 0) + 1;
      });
    for (let until = WINDOW_BARS; until <= series.length; until += 1) {
      const exact = signalsOf(new BarWindow(series, until), NO_POSITION);
      const [last, previous] = [whole[until - 1] ?? 0, whole[until - 2] ?? 0];
      const recent = whole.slice(until - 20, until);
      count.windows += 1;
      if (mean(recent.slice(-5)) === mean(recent)) count.equalMeans += 1;
      if (1_000 * Math.abs(last - previous) === previous) count.tenth += 1;
      tally(
        count.swing,
        [whole, thousandth, tenThousandth].map((closes) => floatSwing(closes.slice(until - 20, until)) !== exact.swing),
      );
      tally(
        count.scalping,
        [floatChange, floatRatio].map((change) => floatScalping(change(last, previous)) !== exact.scalping),
      );
    }

    expect(count).toEqual(expected);
  });
});

function mapped<K extends string>(record: Record<K, number>, change: (value: number) => number): Record<K, number> {
  return Object.fromEntries(Object.entries<number>(record).map(([key, value]) => [key, change(value)])) as Record<
    K,
    number
  >;
}
