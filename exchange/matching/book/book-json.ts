import type { Market } from '../../../config/market.ts';
import { Exact } from '../exact.ts';
import { type LedgerJson, ledgerFromJson, ledgerToJson } from '../ledger-json.ts';
import type { Side } from '../order.ts';
import { applyBookEvent, type Book, emptyBook, queuePosition, restInBook } from './book.ts';
import { decimalOf } from './units.ts';

/** A book as plain JSON, amounts as decimal text. */
export interface BookJson {
  readonly ledger: LedgerJson;
  /** Resting orders with coins of others ahead of them. */
  readonly queued: readonly [order: string, ahead: string][];
  readonly taken: readonly [market: Market, print: number, side: Side, price: string, volume: string][];
  readonly prevented: readonly [order: string, volume: string, locked: string][];
}

/** The whole book, so that a driver can start from it instead of from every event. */
export function bookToJson(book: Book): BookJson {
  const open = [...book.ledger.open.values()].flatMap((orders) => [...orders.values()]);
  return {
    ledger: ledgerToJson(book.ledger),
    queued: open.flatMap((order): [string, string][] => {
      const ahead = queuePosition(book, order);
      return ahead === undefined || ahead === 0n ? [] : [[order.uuid, decimalOf(ahead).toFixed()]];
    }),
    taken: [...book.markets].flatMap(([market, { taken }]) =>
      (['bid', 'ask'] as const).flatMap((side) =>
        [...taken[side]].map(([price, volume]): BookJson['taken'][number] => [
          market,
          taken.print,
          side,
          decimalOf(price).toFixed(),
          decimalOf(volume).toFixed(),
        ]),
      ),
    ),
    prevented: [...book.prevented].map(([uuid, { volume, locked }]) => [uuid, volume.toFixed(), locked.toFixed()]),
  };
}

/** The book that {@link bookToJson} wrote. */
export function bookFromJson(json: BookJson): Book {
  const book = emptyBook(ledgerFromJson(json.ledger));
  for (const orders of book.ledger.open.values()) for (const order of orders.values()) restInBook(book, order);
  for (const [order, ahead] of json.queued) applyBookEvent(book, { type: 'queued', order, ahead });
  for (const [market, print, side, price, volume] of json.taken) {
    applyBookEvent(book, { type: 'taken', market, print, side, price, volume });
  }
  for (const [uuid, volume, locked] of json.prevented) {
    book.prevented.set(uuid, { volume: new Exact(volume), locked: new Exact(locked) });
  }
  return book;
}
