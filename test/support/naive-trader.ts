import { type Bar, barSeries } from '../../strategy/bar-series.ts';
import { BarWindow } from '../../strategy/bar-window.ts';
import { decide } from '../../strategy/decide.ts';
import type { Ensemble } from '../../strategy/ensemble.ts';
import { Exact } from '../../strategy/exact-decimal.ts';
import { applyBuyFill, applySellFill, EMPTY_HOLDINGS, type Holdings } from '../../strategy/position.ts';
import { type SizingParameters, sizeBuy, sizeSell } from '../../strategy/sizing.ts';
import { NO_POSITION } from './bars.ts';

/**
 * Trades candle by candle as the bot does, through the very functions it decides, sizes and books with, one decimal at a
 * time. Slow, and shares no line with the backtest.
 */
export function tradeNaively(
  bars: readonly Bar[],
  decidedFrom: number,
  terms: SizingParameters & { readonly initialCash: string },
  ensemble: Ensemble,
): { readonly equities: readonly string[]; readonly trips: readonly boolean[] } {
  const series = barSeries(bars);
  let held: Holdings = { ...EMPTY_HOLDINGS, cash: terms.initialCash };
  let before = held.cash;
  const trips: boolean[] = [];
  const equities: string[] = [];
  for (let index = decidedFrom; index < bars.length; index += 1) {
    const close = bars[index]?.close ?? '';
    const said = decide(new BarWindow(series, index + 1), NO_POSITION, ensemble);
    if (said.kind !== 'decided') throw new Error(said.reason);
    const sized =
      said.action === 'buy'
        ? sizeBuy(close, held.cash, terms)
        : said.action === 'sell'
          ? sizeSell(close, held.quantity, terms)
          : { kind: 'none' as const, reason: 'hold' };
    if (sized.kind === 'order') {
      const funds = new Exact(sized.price).times(sized.volume);
      const fill = { quantity: sized.volume, funds: funds.toFixed(), fee: funds.times(terms.feeRate).toFixed() };
      if (sized.side === 'buy') {
        if (held.quantity === '0') before = held.cash;
        held = applyBuyFill(held, fill);
      } else {
        held = applySellFill(held, fill);
        trips.push(new Exact(held.cash).gt(before));
      }
    }
    equities.push(new Exact(held.quantity).times(close).plus(held.cash).toFixed());
  }
  return { equities, trips };
}
