import type { Action, Ensemble } from '../strategy/ensemble.ts';
import type { PreparedMarket } from './prepared-market.ts';
import { candidatesOf, type SearchSpace } from './search-space.ts';
import { actionsOn, type ScaledTerms, simulate } from './simulate.ts';

/** The best candidate found so far. Comparable across chunks, threads and restarts. */
export interface Found {
  /** Place in the order of the space. */
  readonly candidate: number;
  /** In 1e-24 KRW. */
  readonly finalEquity: bigint;
  readonly roundTrips: number;
}

/** A search cut into chunks that can be done in any order, by anybody. */
export interface SearchPlan {
  /** All there are. */
  readonly candidates: readonly Ensemble[];
  /** Those that act differently from every other on these candles: the first of each kind in the order of the space. */
  readonly distinct: number;
  readonly chunks: number;
  /** The best of one chunk. */
  run(chunk: number): Found | undefined;
}

/** Simulations in a chunk: 20 ms for 100,000 candles, so that a killed search has little to do again. */
const CHUNK = 2;

/**
 * Candidates that act alike on every ballot that occurs are one and the same trader, so each kind is simulated once:
 * of the 30,030 of the reference space a hundred or so are left on a thousand candles.
 */
export function planSearch(market: PreparedMarket, terms: ScaledTerms, space: SearchSpace): SearchPlan {
  const candidates = candidatesOf(space);
  const kinds = new Map<string, { readonly candidate: number; readonly actions: readonly Action[] }>();
  for (const [candidate, ensemble] of candidates.entries()) {
    const actions = actionsOn(market, ensemble);
    const key = actions.join();
    if (!kinds.has(key)) kinds.set(key, { candidate, actions });
  }
  const distinct = [...kinds.values()];
  return {
    candidates,
    distinct: distinct.length,
    chunks: Math.ceil(distinct.length / CHUNK),
    run: (chunk) =>
      distinct.slice(chunk * CHUNK, (chunk + 1) * CHUNK).reduce<Found | undefined>((best, { candidate, actions }) => {
        const { finalEquity, roundTrips } = simulate(market, terms, actions);
        return betterOf(best, { candidate, finalEquity, roundTrips });
      }, undefined),
  };
}

/**
 * One that bought and sold again goes before one that did not: doing nothing and holding are what every result is held
 * against, and where trading only loses one of them would always win. Then more equity; of equals the one with fewer
 * round trips, then the first in the order of the space.
 */
export function betterOf(one: Found | undefined, other: Found | undefined): Found | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (one.roundTrips > 0 !== other.roundTrips > 0) return one.roundTrips > 0 ? one : other;
  if (one.finalEquity !== other.finalEquity) return one.finalEquity > other.finalEquity ? one : other;
  if (one.roundTrips !== other.roundTrips) return one.roundTrips < other.roundTrips ? one : other;
  return one.candidate < other.candidate ? one : other;
}
