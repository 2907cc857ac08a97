import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { REFERENCE_SPACE, type SearchSpace, spaceName } from '../backtest/search-space.ts';
import type { Terms } from '../backtest/simulate.ts';
import type { Market } from '../config/market.ts';
import type { PromotionRule } from '../config/promotion.ts';
import { type Timeframe, timeframeMs } from '../config/timeframe.ts';
import { readWindow } from '../db/candle-window.ts';
import type { Db } from '../db/connect.ts';
import { findResult, insertResult, readSearchableWindow, type SearchableWindow } from '../db/optimizer-results.ts';
import type { WeighedMarket } from '../db/promotions.ts';
import { WINDOW_BARS } from '../strategy/bar-window.ts';
import { type Promoted, promoteResult } from './optimization/promote.ts';
import { type Searched, search } from './optimization/search.ts';
import type { SearchThread } from './optimization/search-thread.ts';
import { takeTurns } from './optimization/take-turns.ts';
import { tellProgress } from './progress.ts';

export interface OptimizationDependencies {
  readonly db: Db;
  /** What the simulated trading starts with and costs. */
  readonly terms: Terms;
  readonly promotion: PromotionRule;
  /** Candles decided on at most: the newest. */
  readonly mostDecided: number;
  /** At least one. */
  readonly threads: number;
  readonly openThread: () => SearchThread;
  /** {@link REFERENCE_SPACE} unless a test wants less. */
  readonly space?: SearchSpace;
}

interface SearchedMarket {
  readonly market: Market;
  readonly timeframe: Timeframe;
}

/** Fewer say nothing at all. */
const FEWEST_DECIDED = 100;
/** The first candle decided on has a whole window behind it, as the trader's usually have. */
const DECIDED_FROM = WINDOW_BARS - 1;

/** What there is to search; times are UTC epoch milliseconds of market time. */
export type ClosesLoaded =
  | { readonly kind: 'too-few-candles'; readonly candles: number; readonly needed: number }
  | {
      readonly kind: 'window';
      readonly window: SearchableWindow;
      /** Id of the result, where this very search was made before. */
      readonly recorded: string | null;
    };

/** The best of a search. Ids and figures only: the candles stay in the database. */
export interface WeightsFound extends Searched {
  readonly window: SearchableWindow;
  /** Candles decided on. */
  readonly decided: number;
}

/** Activities of the `optimizer` queue. */
export function createOptimizationActivities(deps: OptimizationDependencies) {
  const { db, terms, promotion, mostDecided, threads, openThread, space = REFERENCE_SPACE } = deps;
  // Markets one after another: together they would take the processor from those who trade.
  const inTurn = takeTurns();
  return {
    /** Chooses the stretch of stored closes to search: the newest that was collected without a gap. */
    async loadCloses({ market, timeframe }: SearchedMarket): Promise<ClosesLoaded> {
      const needed = DECIDED_FROM + FEWEST_DECIDED;
      const window = await readSearchableWindow(db, market, timeframe, DECIDED_FROM + mostDecided);
      if (window === undefined || window.candles < needed) {
        return { kind: 'too-few-candles', candles: window?.candles ?? 0, needed };
      }
      const key = { market, timeframe, until: window.until, space: spaceName(space) };
      return { kind: 'window', window, recorded: (await findResult(db, key)) ?? null };
    },

    /**
     * Tries every candidate of the space on the window's candles. Reports after each chunk, and goes on from what a
     * killed attempt reported.
     *
     * @throws when the window is no longer covered: the exchange took candles back
     */
    async searchWeights({
      market,
      timeframe,
      window,
    }: SearchedMarket & { readonly window: SearchableWindow }): Promise<WeightsFound> {
      const length = timeframeMs(timeframe);
      const { candles, spanned } = await readWindow(db, market, timeframe, window.until - length, window.candles);
      const first = candles[0];
      if (first === undefined || !spanned) throw new Error('not every minute of the window is collected any more');
      const bars = candles.map(({ quoteVolume: _, ...bar }) => bar);
      const searched = await inTurn(() =>
        search(
          { bars, decidedFrom: DECIDED_FROM, terms, space },
          {
            threads: Array.from({ length: threads }, openThread),
            earlier: activityInfo().heartbeatDetails,
            tell: tellProgress,
            signal: cancellationSignal(),
          },
        ),
      );
      // A candle that came late since the window was chosen pushes the oldest out.
      return { ...searched, decided: bars.length - DECIDED_FROM, window: { ...window, from: first.ts } };
    },

    /** Keeps what a search found; asked again it returns the same id. */
    async recordResult({
      market,
      timeframe,
      found,
    }: SearchedMarket & { readonly found: WeightsFound }): Promise<string> {
      const { window, weights, threshold, metrics, decided } = found;
      return insertResult(db, {
        ...{ market, timeframe, ...window, decided, space: spaceName(space), candidates: found.candidates },
        emptyMinutes: (window.until - window.from) / timeframeMs(timeframe) - window.candles,
        costs: {
          initial_cash: terms.initialCash,
          aggressiveness: terms.aggressiveness,
          fee_rate: terms.feeRate,
          fee_buffer: terms.feeBuffer,
        },
        params: { weights, threshold },
        metrics: { ...metrics },
      });
    },

    /** See `optimization/promote.ts`. */
    async promote({ result, ...traded }: WeighedMarket & { readonly result: string }): Promise<Promoted> {
      return promoteResult(db, promotion, traded, result);
    },
  };
}

export type OptimizationActivities = ReturnType<typeof createOptimizationActivities>;
