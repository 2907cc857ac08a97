import type { BarWindow } from './bar-window.ts';
import type { DecimalText } from './candle.ts';
import { type Action, actionOf, type Ensemble, ensembleText, scoreOf } from './ensemble.ts';
import { type Signals, type StrategyName, signalsOf } from './registry.ts';
import type { Position } from './strategy.ts';
import { formatTenThousandths } from './ten-thousandths.ts';

/** With fewer closes there is nothing to compare. */
const MINIMUM_BARS = 3;

/** What the strategies say about one closed candle, in the form it is stored. Weights, threshold and score: `0.2000`. */
export interface Decided {
  readonly kind: 'decided';
  readonly signals: Signals;
  readonly weights: Readonly<Record<StrategyName, DecimalText>>;
  readonly threshold: DecimalText;
  readonly score: DecimalText;
  /** The wish before money is looked at. */
  readonly action: Action;
  /** One sentence for people: `score 0.4500 ≥ threshold 0.2000: buy`. */
  readonly reason: string;
}

export interface NoDecision {
  readonly kind: 'no-decision';
  readonly reason: string;
}

/** Lets the strategies vote on the newest bar of the window. */
export function decide(bars: BarWindow, position: Position, ensemble: Ensemble): Decided | NoDecision {
  if (bars.length < MINIMUM_BARS) {
    return { kind: 'no-decision', reason: `${bars.length} closed candles are fewer than ${MINIMUM_BARS}` };
  }
  const signals = signalsOf(bars, position);
  const units = scoreOf(signals, ensemble.weights);
  const action = actionOf(units, ensemble.threshold);
  const score = formatTenThousandths(units);
  const { weights, threshold } = ensembleText(ensemble);
  return { kind: 'decided', signals, weights, threshold, score, action, reason: explain(action, score, threshold) };
}

function explain(action: Action, score: DecimalText, threshold: DecimalText): string {
  switch (action) {
    case 'buy':
      return `score ${score} ≥ threshold ${threshold}: buy`;
    case 'sell':
      return `score ${score} ≤ -threshold -${threshold}: sell`;
    case 'hold':
      return `score ${score} between -${threshold} and ${threshold}: hold`;
  }
}
