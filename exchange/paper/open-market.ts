import type { Market } from '../../config/market.ts';
import type { BookShape } from '../matching/book/parameters.ts';
import type { Exchange, OrderBooks } from './exchange.ts';
import type { Faults } from './faults/open-faults.ts';
import type { MarketClock } from './market-clock.ts';
import type { Quotes } from './quotes.ts';
import type { LedgerStore } from './state/ledger-store.ts';
import type { RetirementSize } from './state/retire-orders.ts';
import type { Tape } from './tape.ts';

/** Where an exchange has its prices from, and with them its time. */
export interface OpenMarket {
  readonly clock: MarketClock;
  readonly tape: Tape;
  /** Where the account is kept. */
  readonly store: LedgerStore;
  quotes(books: OrderBooks | undefined): Quotes;
  /** What goes wrong on purpose, where that can be asked for. */
  readonly faults: Faults | undefined;
  /** From here on the exchange is told when there is something to look at. */
  begin(exchange: Exchange): void;
  /** Ends whatever prices come by; the account stays open. */
  close(): Promise<void>;
}

export interface OpenMarketOptions {
  readonly markets: readonly Market[];
  readonly seed: number;
  readonly speed: number;
  readonly book: BookShape | undefined;
  readonly stateDir: string;
  /** How many orders that are over stay in memory, and how many leave it together; undefined: as many as usual. */
  readonly retirement: RetirementSize | undefined;
  readonly log: (line: string) => void;
}
