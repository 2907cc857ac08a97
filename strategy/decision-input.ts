import { Decimal } from 'decimal.js';
import type { Bar } from './bar-series.ts';
import { WINDOW_BARS } from './bar-window.ts';
import type { DecimalText } from './candle.ts';
import { type Ensemble, ensembleText } from './ensemble.ts';
import { STRATEGIES } from './registry.ts';
import type { Position } from './strategy.ts';

/** All that one decision is made from. */
export interface DecisionInput {
  readonly market: string;
  readonly timeframe: string;
  /** Closed candles, oldest first, the last being the one decided on; only the last {@link WINDOW_BARS} count. */
  readonly bars: readonly Bar[];
  readonly position: Position;
  readonly ensemble: Ensemble;
}

/**
 * The canonical text of what a decision is made from; the caller hashes it (`node:crypto` is closed to workflows).
 * Equal inputs give equal text however their numbers were written (`150803000.0`, `150803000`), and any other bar,
 * position, weight, threshold or parameter another text.
 */
export function decisionInput({ market, timeframe, bars, position, ensemble }: DecisionInput): string {
  const { weights, threshold } = ensembleText(ensemble);
  return [
    // Counts up when the rules themselves change: the same bars then mean another decision.
    'durabit decision 1',
    `market ${market}`,
    `timeframe ${timeframe}`,
    `threshold ${threshold}`,
    ...STRATEGIES.map(({ name, timeframe: own, parameters }) => {
      const pairs = Object.entries<number>(parameters).map(([key, value]) => ` ${key}=${value}`);
      return `strategy ${name} ${own} weight=${weights[name]}${pairs.sort().join('')}`;
    }),
    `position ${plain(position.quantity)} ${plain(position.averageCost)}`,
    ...bars
      .slice(-WINDOW_BARS)
      .map(
        ({ ts, open, high, low, close, volume }) =>
          `bar ${[ts, ...[open, high, low, close, volume].map(plain)].join(' ')}`,
      ),
    '',
  ].join('\n');
}

function plain(text: DecimalText): DecimalText {
  return new Decimal(text).toFixed();
}
