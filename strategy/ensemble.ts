import type { DecimalText } from './candle.ts';
import { type Signals, STRATEGY_NAMES, type StrategyName } from './registry.ts';
import { formatTenThousandths, ONE, parseTenThousandths, type TenThousandths } from './ten-thousandths.ts';

/** How votes become a wish. Integers of 1e-4. */
export interface Ensemble {
  /** 0 to 1 each; they need not sum to 1. */
  readonly weights: Readonly<Record<StrategyName, TenThousandths>>;
  /** Above 0, at most 1. */
  readonly threshold: TenThousandths;
}

/** An ensemble as people and tables write it. A strategy that is not named has weight 0. */
export interface EnsembleInput {
  readonly weights: Readonly<Record<string, DecimalText | number>>;
  readonly threshold: DecimalText | number;
}

/** What the ensemble wishes, before money is looked at. */
export type Action = 'buy' | 'sell' | 'hold';

/** Weights or threshold that cannot be used. The message lists every fault with field and value. */
export class InvalidEnsemble extends Error {
  override readonly name = 'InvalidEnsemble';
}

/** @throws {InvalidEnsemble} */
export function parseEnsemble(input: EnsembleInput): Ensemble {
  const faults: string[] = [];
  const read = (field: string, value: DecimalText | number): TenThousandths => {
    const units = parseTenThousandths(value);
    if (units !== undefined && units >= 0 && units <= ONE) return units;
    faults.push(`${field} ${JSON.stringify(value)} is not a number from 0 to 1 with at most 4 decimals`);
    return 0;
  };

  for (const name of Object.keys(input.weights)) {
    if (!(STRATEGY_NAMES as readonly string[]).includes(name)) {
      faults.push(
        `weights.${name} ${JSON.stringify(input.weights[name])}: no strategy has that name; there are ${STRATEGY_NAMES.join(', ')}`,
      );
    }
  }
  const weights = Object.fromEntries(
    STRATEGY_NAMES.map((name) => [name, read(`weights.${name}`, input.weights[name] ?? 0)]),
  ) as Record<StrategyName, TenThousandths>;
  const threshold = read('threshold', input.threshold);
  if (faults.length === 0) {
    if (STRATEGY_NAMES.every((name) => weights[name] === 0)) {
      faults.push(`weights ${JSON.stringify(input.weights)}: at least one must be above 0`);
    }
    // At 0 a score of 0 would be a reason to buy and to sell.
    if (threshold === 0) faults.push(`threshold ${JSON.stringify(input.threshold)} must be above 0`);
  }
  if (faults.length > 0) throw new InvalidEnsemble(faults.join('; '));
  return { weights, threshold };
}

/** In force until an optimizer result is promoted. */
export const DEFAULT_ENSEMBLE: Ensemble = parseEnsemble({
  weights: { trend: '0.2', momentum: '0.2', swing: '0.2', scalping: '0.15', day: '0.15', price_action: '0.1' },
  threshold: '0.2',
});

/** The same weights under another threshold. @throws {InvalidEnsemble} */
export function withThreshold(ensemble: Ensemble, threshold: DecimalText): Ensemble {
  return parseEnsemble({ ...ensembleText(ensemble), threshold });
}

/** Σ weight × signal, exact. */
export function scoreOf(signals: Signals, weights: Ensemble['weights']): TenThousandths {
  let score = 0;
  for (const name of STRATEGY_NAMES) score += weights[name] * signals[name];
  return score;
}

/** At the threshold is over it, in both directions. */
export function actionOf(score: TenThousandths, threshold: TenThousandths): Action {
  if (score >= threshold) return 'buy';
  return score <= -threshold ? 'sell' : 'hold';
}

/** The same ensemble as decimal text with four decimals, as decisions and optimizer results store it. */
export function ensembleText(ensemble: Ensemble): {
  weights: Record<StrategyName, DecimalText>;
  threshold: DecimalText;
} {
  const weights = STRATEGY_NAMES.map((name) => [name, formatTenThousandths(ensemble.weights[name])]);
  return {
    weights: Object.fromEntries(weights) as Record<StrategyName, DecimalText>,
    threshold: formatTenThousandths(ensemble.threshold),
  };
}
