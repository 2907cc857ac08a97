import { backgroundLevels, type Print } from '../../../../exchange/matching/book/background.ts';
import { queuePosition } from '../../../../exchange/matching/book/book.ts';
import { matchPrint } from '../../../../exchange/matching/book/match-print.ts';
import { type BookParameters, USUAL_BOOK } from '../../../../exchange/matching/book/parameters.ts';
import { shownBook } from '../../../../exchange/matching/book/shown.ts';
import { submitToBook } from '../../../../exchange/matching/book/submit.ts';
import { decimalOf, unitsOf } from '../../../../exchange/matching/book/units.ts';
import { cancelOrder } from '../../../../exchange/matching/cancel.ts';
import type { LedgerEvent } from '../../../../exchange/matching/events.ts';
import { Exact } from '../../../../exchange/matching/exact.ts';
import { applyEvent, emptyLedger } from '../../../../exchange/matching/ledger.ts';
import { ledgerFromJson, ledgerToJson } from '../../../../exchange/matching/ledger-json.ts';
import type { Level } from '../../../../exchange/matching/liquidity.ts';
import { lockedByOrder, type Order, type OrderRequest, type Side } from '../../../../exchange/matching/order.ts';
import type { Submission } from '../../../../exchange/matching/submit.ts';
import { BTC } from '../account.ts';

const FEE_RATE = new Exact('0.0005');
const FIRST_PRINT_AT = 1_500;

/** An account in a book around `price`, with shorthands that decide and apply in one go. All events are kept. */
export function bookScene(amounts: Record<string, string>, price = '1000', changed: Partial<BookParameters> = {}) {
  const parameters: BookParameters = { seed: 7, ...USUAL_BOOK, ...changed };
  const events: LedgerEvent[] = [];
  let ledger = emptyLedger();
  const apply = (happened: readonly LedgerEvent[]): void => {
    for (const event of happened) {
      applyEvent(ledger, event);
      events.push(event);
    }
  };
  let last: Print = { market: BTC, at: FIRST_PRINT_AT, price: units(price), volume: 0n, taker: 'bid' };
  for (const [currency, amount] of Object.entries(amounts)) apply([{ type: 'deposited', currency, amount }]);
  return {
    ledger: () => ledger,
    parameters,
    events,
    /** As after a stop and a start: from what would be stored. */
    restart(): void {
      ledger = ledgerFromJson(JSON.parse(JSON.stringify(ledgerToJson(ledger))));
    },
    print: () => last,
    submit(request: Partial<OrderRequest>, at = last.at + 500): Submission {
      const arrival = { at, print: last, feeRate: FEE_RATE, parameters };
      const submission = submitToBook(ledger, { market: BTC, side: 'bid', type: 'limit', ...request }, arrival);
      apply(submission.events);
      return submission;
    },
    trade(at: string, volume: string, taker: Side = 'ask'): void {
      last = { market: BTC, at: last.at + 3_000, price: units(at), volume: units(volume), taker };
      apply(matchPrint(ledger, last));
    },
    cancel(order: Order): void {
      apply(cancelOrder(order, last.at + 900));
    },
    background(side: Side): Level[] {
      return [...backgroundLevels(last, side, parameters)].map((level) => ({
        price: decimalOf(level.price),
        volume: decimalOf(level.volume),
      }));
    },
    shown: () => shownBook(ledger, last, parameters),
    balance(currency: string): [free: string, locked: string] {
      const balance = ledger.balances.get(currency);
      return [balance?.free.toFixed() ?? '0', balance?.locked.toFixed() ?? '0'];
    },
    order(submission: Submission): Order {
      if (!submission.accepted) throw new Error(`rejected: ${submission.rejection.name}`);
      const order = ledger.orders.get(submission.uuid);
      if (order === undefined) throw new Error('accepted but not in the ledger');
      return order;
    },
    ahead: (order: Order): string | undefined => {
      const position = queuePosition(ledger.books, order);
      return position === undefined ? undefined : decimalOf(position).toFixed();
    },
    prevented({ preventedVolume, preventedLocked }: Order): [volume: string, locked: string] {
      return [preventedVolume.toFixed(), preventedLocked.toFixed()];
    },
    locked: (order: Order): string => lockedByOrder(order).toFixed(),
  };
}

export function units(text: string): bigint {
  return unitsOf(new Exact(text));
}

/** Price and volume of each execution, as text. */
export function fillsOf(order: Order): [price: string, volume: string][] {
  return order.fills.map(({ price, volume }) => [price.toFixed(), volume.toFixed()]);
}

/** A list of levels that has this place, as text. */
export function levelOf(levels: readonly Level[], index: number): { price: string; volume: string } {
  const level = levels[index];
  if (level?.volume === undefined) throw new Error(`the book has no level ${index}`);
  return { price: level.price.toFixed(), volume: level.volume.toFixed() };
}

/** Sum of decimal texts. */
export function sum(...texts: string[]): string {
  return texts.reduce((total, text) => total.plus(text), new Exact(0)).toFixed();
}
