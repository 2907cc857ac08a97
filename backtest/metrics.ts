import type { DecimalText } from '../strategy/candle.ts';
import type { Ensemble } from '../strategy/ensemble.ts';
import type { PreparedMarket } from './prepared-market.ts';
import { fromScaled, KRW_DECIMALS } from './scaled.ts';
import { actionsOn, type ScaledTerms, simulate } from './simulate.ts';

/** How a stretch went; names as tables and JSON have them. Ratios are fractions: 0.0123 is 1.23 %. */
export interface Metrics {
  /** KRW, exact; coins still held count at the last close. */
  readonly final_equity: DecimalText;
  /** Of the initial cash; cut after eight decimals. */
  readonly total_return: number;
  /** Deepest fall from an earlier high, of that high, seen at closes; cut after eight decimals. */
  readonly max_drawdown: number;
  /**
   * Mean of the returns from close to close by their standard deviation, × √525,600 (the minutes of a year); the rate
   * without risk is 0. Null where the returns do not vary.
   */
  readonly sharpe: number | null;
  /** Round trips that ended with a profit after fees, of all; null without any. */
  readonly win_rate: number | null;
  /** Round trips: bought, and all sold again. */
  readonly num_trades: number;
  /** What buying on the first candle and holding would have returned, at the same costs. */
  readonly buy_and_hold_return: number;
  /** Nothing, and no cost either: what an ensemble has to beat to be worth its trading. */
  readonly doing_nothing_return: 0;
}

const MINUTES_A_YEAR = 525_600;

/** Trades the market with one ensemble and measures it. */
export function judge(market: PreparedMarket, terms: ScaledTerms, ensemble: Ensemble): Metrics {
  const start = terms.initialCash;
  const equities = [start];
  const run = simulate(market, terms, actionsOn(market, ensemble), (equity) => equities.push(equity));
  return {
    final_equity: fromScaled(run.finalEquity, KRW_DECIMALS),
    total_return: ratio(run.finalEquity - start, start),
    max_drawdown: maxDrawdown(equities),
    sharpe: sharpe(equities),
    win_rate: run.roundTrips === 0 ? null : run.wins / run.roundTrips,
    num_trades: run.roundTrips,
    buy_and_hold_return: buyAndHold(market, terms),
    doing_nothing_return: 0,
  };
}

function buyAndHold(market: PreparedMarket, terms: ScaledTerms): number {
  // One ballot for the first candle, another for all that follow.
  const ballotOf = Uint16Array.from({ length: market.length }, (_, index) => Math.min(index, 1));
  const { finalEquity } = simulate({ ...market, ballotOf }, terms, ['buy', 'hold']);
  return ratio(finalEquity - terms.initialCash, terms.initialCash);
}

function maxDrawdown(equities: readonly bigint[]): number {
  let high = 0n;
  let deepest = 0;
  for (const equity of equities) {
    if (equity > high) high = equity;
    else deepest = Math.max(deepest, ratio(high - equity, high));
  }
  return deepest;
}

/** In floats: a ratio of statistics, no money. The order of the sums is fixed, so that every machine gets the same. */
function sharpe(equities: readonly bigint[]): number | null {
  const returns = equities.slice(1).map((equity, index) => Number(equity) / Number(equities[index]) - 1);
  if (returns.length < 2) return null;
  const mean = returns.reduce((sum, one) => sum + one, 0) / returns.length;
  const variance = returns.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (returns.length - 1);
  return variance === 0 ? null : (mean / Math.sqrt(variance)) * Math.sqrt(MINUTES_A_YEAR);
}

/** Exactly divided, cut after eight decimals, and a float only then. */
function ratio(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number((part * 100_000_000n) / whole) / 1e8;
}
