import type { Market } from '../../../config/market.ts';
import type { ToldBook } from '../../matching/book/background.ts';
import type { Tape } from '../tape.ts';
import { ExchangeError } from '../wire/exchange-error.ts';
import type { MarketTape } from './market-tape.ts';

interface LiveTapeParts {
  readonly tapes: ReadonlyMap<Market, MarketTape>;
  /** Whether nothing that was traded until about now is missing. */
  readonly isKnown: (market: Market) => boolean;
  /** Undefined where orders meet no book; what it returns is undefined while the book is not known. */
  readonly bookOf: ((market: Market) => ToldBook | undefined) | undefined;
}

/** The trades of a source, which come when they come: whatever was not told yet happened before now. */
export function createLiveTape({ tapes, isKnown, bookOf }: LiveTapeParts): Tape {
  const requireKnown = (market: Market): void => {
    if (!isKnown(market)) throw unknown(market, 'trades');
  };
  return {
    markets: new Set(tapes.keys()),
    *untold() {
      for (const tape of tapes.values()) {
        for (let print = tape.next(); print !== undefined; print = tape.next()) {
          yield [print];
          tape.tell();
        }
      }
    },
    last(market) {
      requireKnown(market);
      const print = tapes.get(market)?.newest();
      if (print === undefined) throw unknown(market, 'trades');
      if (bookOf === undefined) return print;
      const book = bookOf(market);
      if (book === undefined) throw unknown(market, 'offers and bids');
      return { ...print, book };
    },
    hasPrice(market) {
      const hasBook = bookOf === undefined || bookOf(market) !== undefined;
      return hasBook && isKnown(market) && tapes.get(market)?.newest() !== undefined;
    },
    requireKnown,
    told: (markets) => [...markets].flatMap((market) => tapes.get(market)?.newest() ?? []),
  };
}

/** As Upbit answers what it cannot do just now; nothing is taken, refused or used up by it. */
function unknown(market: Market, what: string): ExchangeError {
  return new ExchangeError(500, 'internal_server_error', `the ${what} of ${market} are not known at the moment`);
}
