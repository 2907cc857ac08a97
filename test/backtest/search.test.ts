import { describe, expect, it } from 'vitest';
import { prepareMarket } from '../../backtest/prepared-market.ts';
import { KRW_DECIMALS, toScaled } from '../../backtest/scaled.ts';
import { betterOf, type Found, planSearch } from '../../backtest/search.ts';
import { candidatesOf, REFERENCE_SPACE, type SearchSpace, spaceName } from '../../backtest/search-space.ts';
import { scaleTerms } from '../../backtest/simulate.ts';
import { ensembleText } from '../../strategy/ensemble.ts';
import { DEFAULT_SIZING } from '../../strategy/sizing.ts';
import { tradeNaively } from '../support/naive-trader.ts';
import { randomBars } from '../support/random-bars.ts';

const SMALL: SearchSpace = { weightStep: 5_000, thresholds: [1_000, 5_000] };
const terms = { ...DEFAULT_SIZING, initialCash: '10000000' };
const cheap = { ...terms, aggressiveness: '0', feeRate: '0' };

const planOf = (seed: number, space: SearchSpace, costs = cheap, count = 120) =>
  planSearch(prepareMarket(randomBars(count, seed), 20, costs), scaleTerms(costs), space);

function bestOf(plan: ReturnType<typeof planOf>, order: readonly number[]): Found | undefined {
  return order.reduce<Found | undefined>((best, chunk) => betterOf(best, plan.run(chunk)), undefined);
}

const all = ({ chunks }: { readonly chunks: number }) => Array.from({ length: chunks }, (_, chunk) => chunk);

describe('the reference space', () => {
  it('holds 3,003 weightings under ten thresholds, each once, all weights summing to 1', () => {
    const candidates = candidatesOf(REFERENCE_SPACE);
    expect(candidates).toHaveLength(30_030);
    expect(new Set(candidates.map((one) => JSON.stringify(one))).size).toBe(30_030);
    for (const { weights } of candidates) {
      expect(Object.values(weights).reduce((sum, weight) => sum + weight, 0)).toBe(10_000);
    }
    expect([...new Set(candidates.map(({ threshold }) => threshold))]).toEqual([
      500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000, 4_500, 5_000,
    ]);
  });

  it('has a name that tells it from any other', () => {
    expect(spaceName(REFERENCE_SPACE)).toMatch(/^trend,momentum,.* by 0\.1000; threshold 0\.0500,0\.1000,/);
    expect(spaceName(SMALL)).not.toBe(spaceName(REFERENCE_SPACE));
  });
});

describe('a search', () => {
  it.each([
    [1, terms],
    [2, cheap],
    [3, cheap],
    [4, cheap],
  ])('with seed %i finds what trading every candidate by itself finds', (seed, costs) => {
    const bars = randomBars(120, seed);
    const plan = planOf(seed, SMALL, costs);
    const naive = candidatesOf(SMALL).map((ensemble, candidate) => {
      const { equities, trips } = tradeNaively(bars, 20, costs, ensemble);
      const finalEquity = toScaled('equity', equities.at(-1) ?? '', KRW_DECIMALS);
      return { candidate, finalEquity, roundTrips: trips.length };
    });
    const best = naive.toSorted(
      (a, b) =>
        Number(b.roundTrips > 0) - Number(a.roundTrips > 0) ||
        Number(b.finalEquity > a.finalEquity) - Number(b.finalEquity < a.finalEquity) ||
        a.roundTrips - b.roundTrips ||
        a.candidate - b.candidate,
    )[0];

    expect(plan.candidates.map(ensembleText)).toEqual(candidatesOf(SMALL).map(ensembleText));
    expect(bestOf(plan, all(plan))).toEqual(best);
  });

  it('finds the same in any order of its chunks, however they are shared out', () => {
    const plan = planOf(5, REFERENCE_SPACE);
    const chunks = all(plan);
    expect(chunks.length).toBeGreaterThan(3);
    const inOrder = bestOf(plan, chunks);

    expect(bestOf(plan, chunks.toReversed())).toEqual(inOrder);
    const halves = [0, 1].map((half) =>
      bestOf(
        plan,
        chunks.filter((chunk) => chunk % 2 === half),
      ),
    );
    expect(betterOf(halves[1], halves[0])).toEqual(inOrder);
  });

  it('simulates each way to act once: candidates left out do the very same as one that is not', () => {
    const plan = planOf(6, SMALL);
    expect(plan.distinct).toBeLessThan(plan.candidates.length);
    expect(plan.chunks).toBe(Math.ceil(plan.distinct / 2));
  });
});

describe('of two candidates', () => {
  it.each([
    ['more equity wins', { candidate: 9, finalEquity: 11n, roundTrips: 9 }, 3],
    ['one that traded wins over one that did not', { candidate: 9, finalEquity: 9n, roundTrips: 1 }, 0],
    ['of equal equity fewer round trips win', { candidate: 9, finalEquity: 10n, roundTrips: 2 }, 3],
    ['of equal trading the first in the order of the space wins', { candidate: 6, finalEquity: 10n, roundTrips: 3 }, 3],
  ])('%s, whichever comes first', (_, better, roundTrips) => {
    const one: Found = { candidate: 7, finalEquity: 10n, roundTrips };
    expect(betterOf(one, better)).toBe(better);
    expect(betterOf(better, one)).toBe(better);
  });
});
