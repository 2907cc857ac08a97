import { Decimal } from 'decimal.js';
import type { Signals } from '../../strategy/registry.ts';

/** The definitions of docs/strategies.md word for word, with exact divisions and no thought of speed. */
const Exact = Decimal.clone({ precision: 80 });

export function naiveSignals(closes: readonly string[]): Signals {
  const prices = closes.slice(-200).map((close) => new Exact(close));
  const [last, previous] = [prices.at(-1), prices.at(-2)];
  if (last === undefined || previous === undefined) throw new Error('too few closes');
  const before = prices.slice(0, -1);
  const mean = (count: number) => Exact.sum(...prices.slice(-count)).div(count);
  const change = previous.gt(0) ? last.minus(previous).div(previous) : new Exact(0);
  const fiveBack = prices.at(-6);

  const trend = last.gt(previous) ? 1 : -1;
  return {
    trend,
    momentum: fiveBack === undefined ? 0 : last.gt(fiveBack) ? 1 : -1,
    swing: prices.length < 20 ? 0 : mean(5).gt(mean(20)) ? 1 : -1,
    scalping: change.gte('0.001') ? 1 : change.lte('-0.001') ? -1 : 0,
    day: trend,
    price_action: prices.length < 3 ? 0 : last.gt(Exact.max(...before)) ? 1 : last.lt(Exact.min(...before)) ? -1 : 0,
  };
}

export function naiveScore(signals: Signals, weights: Readonly<Record<string, string>>): Decimal {
  return Object.entries(signals).reduce(
    (sum, [name, signal]) => sum.plus(new Exact(weights[name] ?? 0).times(signal)),
    new Exact(0),
  );
}

export function naiveAction(score: Decimal, threshold: string): 'buy' | 'sell' | 'hold' {
  if (score.gte(threshold)) return 'buy';
  return score.lte(new Exact(threshold).neg()) ? 'sell' : 'hold';
}
