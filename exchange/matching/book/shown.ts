import type { Ledger } from '../ledger.ts';
import type { Level, Liquidity } from '../liquidity.ts';
import type { Side } from '../order.ts';
import type { Print } from './background.ts';
import { BOOK_LEVELS, type BookParameters } from './parameters.ts';
import { bestPrices, tradingQueue } from './queue.ts';

/** The book as everybody sees it, our resting orders included: the best thirty prices of each side. Never crossed. */
export function shownBook(ledger: Ledger, print: Print, parameters: BookParameters): Liquidity {
  return { asks: shownSide(ledger, print, 'ask', parameters), bids: shownSide(ledger, print, 'bid', parameters) };
}

function shownSide(ledger: Ledger, print: Print, side: Side, parameters: BookParameters): Level[] {
  const levels: Required<Level>[] = [];
  for (const { price, volume } of bestPrices(tradingQueue(ledger, print, side, parameters), BOOK_LEVELS)) {
    const last = levels.at(-1);
    if (last?.price.eq(price)) levels[levels.length - 1] = { price, volume: last.volume.plus(volume) };
    else levels.push({ price, volume });
  }
  return levels;
}
