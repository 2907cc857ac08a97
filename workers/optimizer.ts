import { openSearchThread, searchThreads } from '../activities/optimization/search-thread.ts';
import { createOptimizationActivities } from '../activities/optimization.ts';
import { promotionRule } from '../config/promotion.ts';
import { DEFAULT_SIZING } from '../strategy/sizing.ts';
import { openDependencies } from './dependencies.ts';
import { workerMain } from './run-worker.ts';

/** KRW every candidate starts with: what a new paper account holds. */
const INITIAL_CASH = '10000000';

/** Searching weights is CPU work and gets a process of its own; a core stays with those who trade. */
workerMain('optimizer', async () => {
  const { settings, db } = openDependencies('optimizer');
  return {
    activities: createOptimizationActivities({
      db,
      terms: {
        initialCash: INITIAL_CASH,
        aggressiveness: settings.AGGRESSIVENESS,
        feeRate: settings.FEE_RATE ?? DEFAULT_SIZING.feeRate,
        feeBuffer: settings.FEE_BUFFER,
      },
      promotion: promotionRule(settings),
      mostDecided: settings.OPTIMIZER_WINDOW,
      threads: searchThreads(),
      openThread: () => openSearchThread(new URL('search-thread.ts', import.meta.url)),
    }),
    close: () => db.destroy(),
  };
});
