import type { BarWindow } from './bar-window.ts';
import { day } from './signals/day.ts';
import { momentum } from './signals/momentum.ts';
import { priceAction } from './signals/price-action.ts';
import { scalping } from './signals/scalping.ts';
import { swing } from './signals/swing.ts';
import { trend } from './signals/trend.ts';
import type { Position, Signal, Strategy } from './strategy.ts';

/** Every strategy there is, in the order reports show them. A new one is a file in signals/, a test and an entry here. */
export const STRATEGIES = [trend, momentum, swing, scalping, day, priceAction] as const satisfies readonly Strategy[];

export type StrategyName = (typeof STRATEGIES)[number]['name'];

/** Their names, in order. */
export const STRATEGY_NAMES: readonly StrategyName[] = STRATEGIES.map((strategy) => strategy.name);

export type Signals = Readonly<Record<StrategyName, Signal>>;

/** The vote of every registered strategy on the newest bar of the window. */
export function signalsOf(bars: BarWindow, position: Position): Signals {
  const all: readonly Strategy[] = STRATEGIES;
  const signals: Record<string, Signal> = {};
  for (const strategy of all) signals[strategy.name] = strategy.signal(bars, position, strategy.parameters);
  return signals as Signals;
}
