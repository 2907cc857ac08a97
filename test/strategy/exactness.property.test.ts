import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { barSeries } from '../../strategy/bar-series.ts';
import { BarWindow } from '../../strategy/bar-window.ts';
import { decide } from '../../strategy/decide.ts';
import { ensembleText, parseEnsemble } from '../../strategy/ensemble.ts';
import { STRATEGY_NAMES, signalsOf } from '../../strategy/registry.ts';
import { barsOf, NO_POSITION, windowOf } from '../support/bars.ts';
import { naiveAction, naiveScore, naiveSignals } from '../support/naive-strategies.ts';

/** Closes of up to nine digits and eight decimals that often repeat, tie and move by 0.1 %, as on a coarse grid. */
const closes = fc
  .record({
    base: fc.constantFrom(1, 3, 10, 1_000, 3_003, 150_803_000),
    decimals: fc.integer({ min: 0, max: 8 }),
    steps: fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 3, maxLength: 220 }),
    step: fc.constantFrom(1, 1, 3, 1_000),
  })
  .map(({ base, decimals, steps, step }) => {
    // Below 1e12 units of the last decimal, as exact doubles; negative ones are cut to zero.
    let units = base * 1_000;
    return steps.map((n) => {
      units = Math.max(0, units + n * step);
      return new Decimal(units).div(new Decimal(10).pow(decimals)).toFixed();
    });
  });

const weight = fc.integer({ min: 0, max: 10_000 }).map((units) => (units / 10_000).toFixed(4));
const ensembles = fc
  .record({
    weights: fc.record(Object.fromEntries(STRATEGY_NAMES.map((name) => [name, weight]))),
    threshold: fc.integer({ min: 1, max: 10_000 }).map((units) => (units / 10_000).toFixed(4)),
  })
  .filter(({ weights }) => Object.values(weights).some((units) => Number(units) > 0));

test('every vote is that of the definition with exact fractions', () => {
  fc.assert(
    fc.property(closes, (prices) => {
      expect(signalsOf(windowOf(prices), NO_POSITION)).toEqual(naiveSignals(prices));
    }),
    { numRuns: 1_000 },
  );
});

test('every action is that of an exact sum against the threshold', () => {
  fc.assert(
    fc.property(closes, ensembles, (prices, input) => {
      const ensemble = parseEnsemble(input);
      const score = naiveScore(naiveSignals(prices), input.weights);
      expect(decide(windowOf(prices), NO_POSITION, ensemble)).toMatchObject({
        ...ensembleText(ensemble),
        score: score.toFixed(4),
        action: naiveAction(score, input.threshold),
      });
    }),
    { numRuns: 500 },
  );
});

test('at another price level the votes are the same', () => {
  fc.assert(
    fc.property(closes, fc.constantFrom('0.001', '0.1', '3', '17'), (prices, factor) => {
      const scaled = prices.map((price) => new Decimal(price).times(factor).toDecimalPlaces(8));
      // Where nothing had to be cut off.
      fc.pre(scaled.every((price, n) => price.eq(new Decimal(prices[n] ?? 0).times(factor))));

      expect(signalsOf(windowOf(scaled.map((price) => price.toFixed())), NO_POSITION)).toEqual(
        signalsOf(windowOf(prices), NO_POSITION),
      );
    }),
    { numRuns: 300 },
  );
});

test('a window inside a longer history votes as one scaled by itself', () => {
  fc.assert(
    fc.property(closes, fc.nat(), (prices, at) => {
      const until = 1 + (at % prices.length);
      const inside = new BarWindow(barSeries(barsOf(prices)), until);

      expect(signalsOf(inside, NO_POSITION)).toEqual(signalsOf(windowOf(prices.slice(0, until)), NO_POSITION));
    }),
    { numRuns: 300 },
  );
});
