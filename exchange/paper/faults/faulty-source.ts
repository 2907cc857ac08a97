import type { Market } from '../../../config/market.ts';
import { larger, smaller } from '../../numbers/scaled.ts';
import { type CandleSource, MINUTE_MS, type MinuteCandle } from '../feed/minute-candle.ts';
import { minutePath } from '../feed/minute-path.ts';
import type { CandleRules } from './candle-rules.ts';
import { LONGEST_LATE_MS } from './rule.ts';

type Sources = ReadonlyMap<Market, CandleSource>;

/** The market as it really is: minutes struck by `idle` have no trade, for resting orders as well. */
export function tradedSources(sources: Sources, rules: CandleRules): Sources {
  return mapped(sources, 0, (market, candle) =>
    rules.striking('idle', market, candle.start) === undefined ? candle : undefined,
  );
}

/**
 * What the candle lists show of the market at this moment: a late candle is missing until it comes, forming or closed;
 * one with late trades lacks its last quarter minute until those come.
 *
 * @param now market time, epoch ms.
 */
export function listedSources(traded: Sources, rules: CandleRules, now: () => number): Sources {
  return mapped(traded, LONGEST_LATE_MS, (market, candle) => {
    const sinceClose = now() - candle.start - MINUTE_MS;
    const lateCandle = rules.striking('late-candle', market, candle.start);
    if (lateCandle !== undefined && sinceClose < lateCandle.late_ms) return undefined;
    const lateTrade = rules.striking('late-trade', market, candle.start);
    return lateTrade !== undefined && sinceClose < lateTrade.late_ms ? withoutLastTrades(candle) : candle;
  });
}

/** Trades of a minute that a late one has at its close: fifteen of twenty. */
const TRADES_IN_TIME = 15;

function withoutLastTrades(candle: MinuteCandle): MinuteCandle {
  const path = minutePath(candle).slice(0, TRADES_IN_TIME);
  const last = path.at(-1);
  if (last === undefined) throw new Error('a minute has no trades on its way');
  const prices = path.map(({ price }) => price);
  return {
    start: candle.start,
    open: candle.open,
    high: prices.reduce(larger),
    low: prices.reduce(smaller),
    close: last.price,
    volume: last.volume,
    value: last.value,
  };
}

/** @param settlesAfterMs how long after its close `change` may still change its mind about a minute */
function mapped(
  sources: Sources,
  settlesAfterMs: number,
  change: (market: Market, candle: MinuteCandle) => MinuteCandle | undefined,
): Sources {
  return new Map(
    [...sources].map(([market, source]) => {
      const shown = changed(source, (candle) => change(market, candle));
      return [market, { ...shown, settlesAfterMs: source.settlesAfterMs + settlesAfterMs }];
    }),
  );
}

function changed(
  source: CandleSource,
  change: (candle: MinuteCandle) => MinuteCandle | undefined,
): Omit<CandleSource, 'settlesAfterMs'> {
  return {
    end: source.end,
    closedCountReachedAt: (count) => source.closedCountReachedAt(count),
    at(start) {
      const candle = source.at(start);
      return candle === undefined ? undefined : change(candle);
    },
    *before(start) {
      for (const candle of source.before(start)) {
        const shown = change(candle);
        if (shown !== undefined) yield shown;
      }
    },
  };
}
