import type { Market } from '../../../config/market.ts';
import type { Print } from '../../matching/book/background.ts';
import type { Tape } from '../tape.ts';
import type { CandleSource } from './minute-candle.ts';
import { restingTrades } from './resting-trades.ts';
import { tradesBefore } from './trades.ts';

/** The trades of minutes that are known, future ones too: what happened until any moment is a function of time. */
export function candleTape(sources: ReadonlyMap<Market, CandleSource>): Tape {
  return {
    markets: new Set(sources.keys()),
    untold: (open, from, to) => restingTrades(open, sources, from, to),
    last(market, now): Print {
      const source = sources.get(market);
      const [last] = source === undefined ? [] : tradesBefore(source, 1, now);
      if (last === undefined) throw new Error(`${market} has no trade until ${new Date(now).toISOString()}`);
      return { market, ...last };
    },
    hasPrice: () => true,
    requireKnown: () => {},
    told: () => [],
  };
}
