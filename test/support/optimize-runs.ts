import { randomUUID } from 'node:crypto';
import type { ClosesLoaded, OptimizationActivities, WeightsFound } from '../../activities/optimization.ts';
import { parseMarket } from '../../config/market.ts';
import { DEFAULT_ENSEMBLE, ensembleText } from '../../strategy/ensemble.ts';
import type { OptimizeOutcome, OptimizeWorkflow } from '../../workflows/optimize.ts';
import { minute } from './candles.ts';
import type { TestTemporal } from './temporal.ts';

/** What the steps of one OptimizeWorkflow run find, and what the run must say. */
export interface OptimizeScript {
  /** Of the recorded history: the outcome, and how it came about where that can differ. */
  readonly name: string;
  readonly outcome: OptimizeOutcome;
  readonly loaded: ClosesLoaded;
  /** Of what was found, where it matters. */
  readonly metrics?: Partial<WeightsFound['metrics']>;
  readonly promoted: Awaited<ReturnType<OptimizationActivities['promote']>>;
  readonly steps: readonly (keyof OptimizationActivities)[];
  /** What a person reads in the Temporal Web UI, in parts. */
  readonly says: readonly string[];
}

const window = { from: minute(0), until: minute(1_199), candles: 1_190, gapBefore: null };
const cut = { ...window, gapBefore: { from: minute(-90), until: minute(0) } };
const found: Omit<WeightsFound, 'window'> = {
  ...{ decided: 991, candidates: 30_030, distinct: 91, chunks: 10, takenOver: 4, ...ensembleText(DEFAULT_ENSEMBLE) },
  metrics: {
    ...{ final_equity: '10123000', total_return: 0.0123, max_drawdown: 0.005, sharpe: 1.5, win_rate: 0.75 },
    ...{ num_trades: 4, buy_and_hold_return: -0.02, doing_nothing_return: 0 },
  },
};
const fresh = { kind: 'window', window, recorded: null } as const;
const all = ['loadCloses', 'searchWeights', 'recordResult', 'promote'] as const;

/** One script for every way a run can go. */
export const optimizeScripts: readonly OptimizeScript[] = [
  {
    ...{ name: 'promoted', outcome: 'promoted', loaded: { ...fresh, window: cut }, steps: all },
    promoted: { kind: 'promoted', reason: 'best in sample' },
    says: [
      'promoted, result 7: best in sample.',
      'Searched 30030 candidates (91 act differently) on 991 decisions',
      'begin where a gap ends that was never collected: from 2025-02-28T22:30:00.000Z',
      '4 of 10 parts were searched by an attempt before, which was cut off.',
      'Best: trend 0.2000, momentum 0.2000',
      'returned 1.23 % in 4 round trips, 75.00 % of them won, at most 0.50 % below its high',
      'Buying and holding returned -2.00 %, doing nothing 0.00 %',
      'In-sample figures promise nothing',
    ],
  },
  {
    ...{ name: 'recorded', outcome: 'recorded', loaded: fresh, steps: all },
    promoted: { kind: 'recorded', reason: 'PROMOTION is off' },
    metrics: { total_return: -0.0101, num_trades: 3 },
    says: [
      'recorded, result 7: PROMOTION is off.',
      'returned -1.01 % in 3 round trips',
      'doing nothing 0.00 %. Doing nothing was better than every candidate that traded.',
      'In-sample figures promise nothing',
    ],
  },
  {
    ...{ name: 'unchanged', outcome: 'unchanged', loaded: fresh, steps: all },
    promoted: { kind: 'unchanged', reason: 'the same weights are in force' },
    metrics: { total_return: 0.01, buy_and_hold_return: 0.02 },
    says: ['unchanged, result 7: the same weights are in force.', 'doing nothing 0.00 %. Holding was better.'],
  },
  {
    ...{ name: 'searched-before', outcome: 'unchanged', loaded: { ...fresh, recorded: '7' } },
    steps: ['loadCloses', 'promote'],
    promoted: { kind: 'promoted', reason: 'best in sample', before: true },
    says: ['unchanged, result 7: these candles were searched before; best in sample.'],
  },
  {
    ...{ name: 'promoted-later', outcome: 'promoted', loaded: { ...fresh, recorded: '7' } },
    steps: ['loadCloses', 'promote'],
    promoted: { kind: 'promoted', reason: 'best in sample' },
    says: ['promoted, result 7: these candles were searched before; best in sample.'],
  },
  {
    ...{ name: 'too-few-candles', outcome: 'too-few-candles', steps: ['loadCloses'] },
    loaded: { kind: 'too-few-candles', candles: 212, needed: 299 },
    promoted: { kind: 'recorded', reason: '' },
    says: ['too-few-candles: 212 candles collected without a gap, 299 are needed.'],
  },
];

/** Runs one scripted OptimizeWorkflow on the real server; `taken` is every step it took. */
export async function runOptimize(
  temporal: TestTemporal,
  script: Pick<OptimizeScript, 'loaded' | 'promoted' | 'metrics'>,
) {
  const taskQueue = `optimize-test-${randomUUID()}`;
  const taken: string[] = [];
  const searched = script.loaded.kind === 'window' ? script.loaded.window : window;
  const answers: { readonly [K in keyof OptimizationActivities]: Awaited<ReturnType<OptimizationActivities[K]>> } = {
    loadCloses: script.loaded,
    searchWeights: { ...found, window: searched, metrics: { ...found.metrics, ...script.metrics } },
    recordResult: '7',
    promote: script.promoted,
  };
  const activities = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      async () => {
        taken.push(name);
        return answer;
      },
    ]),
  );
  return temporal.withWorker({ taskQueue, activities }, async () => {
    const handle = await temporal.client.workflow.start<typeof OptimizeWorkflow>('OptimizeWorkflow', {
      workflowId: taskQueue,
      taskQueue,
      args: [{ account: 'paper-test', market: parseMarket('KRW-BTC'), timeframe: '1m', intervalMs: 1_000 }],
    });
    const result = await handle.result();
    const { typedSearchAttributes } = await handle.describe();
    const outcome = typedSearchAttributes.getAll().find((pair) => pair.key.name === 'Outcome')?.value;
    // What the Temporal Web UI shows under "Current Details".
    const { currentDetails = '' } = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    return { result, taken, outcome, currentDetails, history: await handle.fetchHistory() };
  });
}
