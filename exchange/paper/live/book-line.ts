import { setTimeout as sleep } from 'node:timers/promises';
import type { Market } from '../../../config/market.ts';
import type { BookLevel, ToldBook } from '../../matching/book/background.ts';
import { PRICE_DECIMALS, parseScaled, VOLUME_DECIMALS } from '../../numbers/scaled.ts';
import type { OrderBook, BookLevel as QuotedLevel } from '../../quotation-port.ts';
import { openQuoteStream } from '../../upbit/stream/stream.ts';
import type { Source } from './source.ts';
import { KNOWN_FOR_MS } from './trade-line.ts';

/** The order books of the source, as they stand. */
export interface BookLine {
  /** Undefined while it is not known. */
  bookOf(market: Market): ToldBook | undefined;
  close(): Promise<void>;
}

interface BookLineParts {
  readonly source: Source;
  readonly markets: readonly Market[];
  readonly log: (line: string) => void;
}

/** How often REST is asked while the stream is down, wall time. */
const ASK_EVERY_MS = 1_000;

/** The stream tells each change; while it is down REST is asked for all books at once. */
export function followBooks({ source, markets, log }: BookLineParts): BookLine {
  const books = new Map<string, ToldBook>();
  /** Markets the stream has told of since it came up. */
  const flowing = new Set<string>();
  const closing = new AbortController();
  let askedAt = Number.NEGATIVE_INFINITY;
  let failing: string | undefined;

  const stream = openQuoteStream({
    ...source.stream,
    subscriptions: [{ type: 'orderbook', markets }],
    onEvent(event) {
      if (event.kind === 'disconnected' || event.kind === 'unreadable') flowing.clear();
      if (event.kind !== 'orderbook') return;
      books.set(event.book.market, toldBook(event.book));
      flowing.add(event.book.market);
    },
    log,
  });

  const ask = async (): Promise<void> => {
    const asking = performance.now();
    try {
      for (const book of await source.quotation.fetchOrderBooks(markets)) {
        if (!flowing.has(book.market)) books.set(book.market, toldBook(book));
      }
      askedAt = asking;
      failing = undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== failing) log(`the order books are not known: ${reason}`);
      failing = reason;
    }
  };
  const askOn = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      if (flowing.size < markets.length) await ask();
      // Cut short when the line is closed.
      await sleep(ASK_EVERY_MS, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  };
  const asking = askOn();

  return {
    bookOf(market) {
      const isKnown = flowing.has(market) || performance.now() - askedAt < KNOWN_FOR_MS;
      return isKnown ? books.get(market) : undefined;
    },
    async close() {
      closing.abort();
      await Promise.all([stream.close(), asking]);
    },
  };
}

function toldBook({ timestamp, bids, asks }: OrderBook): ToldBook {
  return { at: timestamp, bid: bids.flatMap(levelOf), ask: asks.flatMap(levelOf) };
}

/** Where one side has fewer prices than the other, the source tells zeros. */
function levelOf({ price, size }: QuotedLevel): BookLevel[] {
  const [units, volume] = [parseScaled(price, PRICE_DECIMALS), parseScaled(size, VOLUME_DECIMALS)];
  return units === undefined || volume === undefined || units <= 0n || volume <= 0n ? [] : [{ price: units, volume }];
}
