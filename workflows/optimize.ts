import { proxyActivities, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { OptimizationActivities, WeightsFound } from '../activities/optimization.ts';
import type { Market } from '../config/market.ts';
import type { Timeframe } from '../config/timeframe.ts';
import * as policies from './policies.ts';
import { outcomeAttribute } from './search-attributes.ts';

export interface OptimizeInput {
  readonly account: string;
  readonly market: Market;
  readonly timeframe: Timeframe;
  /** Wall milliseconds a candle takes. */
  readonly intervalMs: number;
}

/**
 * `promoted`: what was found, by this run or an earlier one, is traded on from the next decision · `recorded`: found and
 * kept, and something else stays in force · `unchanged`: nothing new, or what is in force is the best again ·
 * `too-few-candles`: nothing to search.
 */
export type OptimizeOutcome = 'promoted' | 'recorded' | 'unchanged' | 'too-few-candles';

export interface OptimizeResult {
  readonly outcome: OptimizeOutcome;
  /** Why, in one sentence. */
  readonly reason: string;
  /** Id in `optimizer_results`. */
  readonly result?: string;
}

/** Searches weights and threshold on the newest closes of a market, records the best, and puts it into force if allowed. */
export async function OptimizeWorkflow(input: OptimizeInput): Promise<OptimizeResult> {
  const { account, market, timeframe } = input;
  const steps = activitiesFor(input);

  const loaded = await steps.loadCloses({ market, timeframe });
  if (loaded.kind === 'too-few-candles') {
    const reason = `${loaded.candles} candles collected without a gap, ${loaded.needed} are needed`;
    return tell({ outcome: 'too-few-candles', reason });
  }
  if (loaded.recorded !== null) {
    // The run that recorded it may have ended before it promoted it.
    const { kind, before, reason } = await steps.promote({ account, market, timeframe, result: loaded.recorded });
    const outcome = before ? 'unchanged' : kind;
    return tell({ outcome, reason: `these candles were searched before; ${reason}`, result: loaded.recorded });
  }
  setCurrentDetails(`Searching ${loaded.window.candles} candles of ${market}.`);
  const found = await steps.searchWeights({ market, timeframe, window: loaded.window });
  const result = await steps.recordResult({ market, timeframe, found });
  const { kind, reason } = await steps.promote({ account, market, timeframe, result });
  return tell({ outcome: kind, reason, result }, found);
}

function activitiesFor({ market, intervalMs }: OptimizeInput) {
  const proxy = (options: ReturnType<typeof policies.database>, summary: string) =>
    proxyActivities<OptimizationActivities>({ ...options, summary });
  const database = policies.database(intervalMs);
  return {
    loadCloses: proxy(database, `which closes of ${market} to search`).loadCloses,
    searchWeights: proxy(policies.optimization(), `try every set of weights on ${market}`).searchWeights,
    recordResult: proxy(database, `keep the best of ${market}`).recordResult,
    promote: proxy(database, `put it into force in ${market}, if allowed`).promote,
  };
}

/** Makes the run readable in the Web UI without opening a payload. */
function tell(result: OptimizeResult, found?: WeightsFound): OptimizeResult {
  upsertSearchAttributes([{ key: outcomeAttribute, value: result.outcome }]);
  const number = result.result === undefined ? '' : `, result ${result.result}`;
  const story = [`${result.outcome}${number}: ${result.reason}.`, ...(found === undefined ? [] : describe(found))];
  setCurrentDetails(story.join('\n\n'));
  return result;
}

function describe(found: WeightsFound): string[] {
  const { window, decided, candidates, distinct, chunks, takenOver, weights, threshold, metrics } = found;
  const from = new Date(window.from).toISOString();
  const until = new Date(window.until).toISOString();
  const votes = Object.entries(weights).map(([name, weight]) => `${name} ${weight}`);
  const won = metrics.win_rate === null ? '' : `, ${percent(metrics.win_rate)} of them won`;
  const gap =
    window.gapBefore === null
      ? ''
      : ` They begin where a gap ends that was never collected: from ${new Date(window.gapBefore.from).toISOString()}.`;
  const resumed =
    takenOver > 0 ? ` ${takenOver} of ${chunks} parts were searched by an attempt before, which was cut off.` : '';
  return [
    `Searched ${candidates} candidates (${distinct} act differently) on ${decided} decisions, candles ${from} to ${until}.${gap}${resumed}`,
    `Best: ${votes.join(', ')}; threshold ${threshold}.`,
    `It returned ${percent(metrics.total_return)} in ${metrics.num_trades} round trips${won}, at most ` +
      `${percent(metrics.max_drawdown)} below its high, after fees at the worst prices its orders allow. ` +
      `Buying and holding returned ${percent(metrics.buy_and_hold_return)}, doing nothing 0.00 %.${verdict(metrics)}`,
    'In-sample figures promise nothing: the best was chosen on the very candles it is measured on.',
  ];
}

/** Said where the figures beside one another could be overlooked. */
function verdict(metrics: WeightsFound['metrics']): string {
  if (metrics.num_trades === 0) return ' No candidate bought and sold again.';
  if (metrics.total_return < 0) return ' Doing nothing was better than every candidate that traded.';
  return metrics.total_return < metrics.buy_and_hold_return ? ' Holding was better.' : '';
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(2)} %`;
}
