import type { BarWindow } from './bar-window.ts';
import type { DecimalText } from './candle.ts';

/** A strategy's vote: 1 to buy, -1 to sell, 0 to abstain. */
export type Signal = -1 | 0 | 1;

/** Length of the bars a strategy reads. Minutes are the only ones collected; one that needs others adds them here. */
export type Timeframe = '1m';

/** What the market's sub-account holds. */
export interface Position {
  /** Coins. */
  readonly quantity: DecimalText;
  /** Fee-inclusive average cost in KRW per coin; `0` without coins. */
  readonly averageCost: DecimalText;
}

export type StrategyParameters = Readonly<Record<string, number>>;

/**
 * One voter, entered in registry.ts. `signal` is a pure function: no clock, no I/O, no randomness, and integers only,
 * so that trader, backtest and search agree on every vote.
 */
export interface Strategy<P extends StrategyParameters = StrategyParameters> {
  /** Name in weights, decisions and reports, `snake_case`. */
  readonly name: string;
  readonly timeframe: Timeframe;
  /** The parameters in force. */
  readonly parameters: P;
  /**
   * @param bars closed bars of `timeframe`, the newest being the one decided on. May be few: abstain then.
   * @param position what is held now; none of the six reference strategies looks at it, so that their votes depend on
   *   the bars alone and a search computes them once per candle for all weights.
   */
  signal(bars: BarWindow, position: Position, parameters: P): Signal;
}
