import { type Bar, barSeries } from '../strategy/bar-series.ts';
import { BarWindow } from '../strategy/bar-window.ts';
import type { DecimalText } from '../strategy/candle.ts';
import { type Signals, STRATEGY_NAMES, signalsOf } from '../strategy/registry.ts';
import { type SizingParameters, sizeBuy, sizeSell } from '../strategy/sizing.ts';
import { toScaled, UNIT_DECIMALS } from './scaled.ts';

/** One stretch of a market, with all that does not depend on weights, threshold or money worked out once per candle. */
export interface PreparedMarket {
  /** Candles decided on. */
  readonly length: number;
  /** The different votes that occur; a handful. */
  readonly ballots: readonly Signals[];
  /** Which of them the strategies cast on each candle. */
  readonly ballotOf: Uint16Array;
  /** In 1e-8 KRW. */
  readonly close: readonly bigint[];
  /** Limit a purchase on that candle would have, in 1e-8 KRW; 0 where there is none to have. */
  readonly buyPrice: readonly bigint[];
  /** The same for a sale. */
  readonly sellPrice: readonly bigint[];
}

/** None of the strategies looks at it (strategy/strategy.ts): their votes depend on the bars alone. */
const NO_POSITION = { quantity: '0', averageCost: '0' };
/** More than any minimum at any price: to ask sizing for its price alone. */
const PLENTY = '1000000000000000';

/**
 * Lets the strategies vote on every candle from `decidedFrom` on, each time on the window the trader would see, and
 * takes the prices from the very sizing the trader uses.
 *
 * @param bars closed candles, oldest first
 * @param decidedFrom index of the first candle decided on; those before only fill its window
 */
export function prepareMarket(bars: readonly Bar[], decidedFrom: number, costs: SizingParameters): PreparedMarket {
  const series = barSeries(bars);
  const ballots = new Map<string, { readonly index: number; readonly signals: Signals }>();
  const decided = bars.slice(decidedFrom);
  const ballotOf = Uint16Array.from(decided, (_, index) => {
    const signals = signalsOf(new BarWindow(series, decidedFrom + index + 1), NO_POSITION);
    const key = STRATEGY_NAMES.map((name) => signals[name]).join();
    const ballot = ballots.get(key) ?? { index: ballots.size, signals };
    ballots.set(key, ballot);
    return ballot.index;
  });
  return {
    length: decided.length,
    ballots: [...ballots.values()].map(({ signals }) => signals),
    ballotOf,
    close: decided.map(({ close }) => price(close)),
    buyPrice: decided.map(({ close }) => limitOf(sizeBuy(close, PLENTY, costs))),
    sellPrice: decided.map(({ close }) => limitOf(sizeSell(close, PLENTY, costs))),
  };
}

function price(text: DecimalText): bigint {
  return toScaled('price', text, UNIT_DECIMALS);
}

function limitOf(sizing: ReturnType<typeof sizeBuy>): bigint {
  return sizing.kind === 'order' ? price(sizing.price) : 0n;
}
