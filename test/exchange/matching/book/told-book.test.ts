import { expect, it } from 'vitest';
import type { Print, ToldBook } from '../../../../exchange/matching/book/background.ts';
import { queuePosition } from '../../../../exchange/matching/book/book.ts';
import { USUAL_BOOK } from '../../../../exchange/matching/book/parameters.ts';
import { shownBook } from '../../../../exchange/matching/book/shown.ts';
import { submitToBook } from '../../../../exchange/matching/book/submit.ts';
import { unitsOf } from '../../../../exchange/matching/book/units.ts';
import { Exact } from '../../../../exchange/matching/exact.ts';
import { applyEvent, emptyLedger, type Ledger } from '../../../../exchange/matching/ledger.ts';
import { ledgerFromJson, ledgerToJson } from '../../../../exchange/matching/ledger-json.ts';
import type { OrderRequest } from '../../../../exchange/matching/order.ts';
import { BTC } from '../account.ts';

const PARAMETERS = { ...USUAL_BOOK, seed: 1 };
const units = (text: string): bigint => unitsOf(new Exact(text));
const levels = (...of: (readonly [string, string])[]) =>
  of.map(([price, volume]) => ({ price: units(price), volume: units(volume) }));

/** Two trades of one millisecond, and the book as an exchange tells it. */
const BOOK: ToldBook = {
  at: 10_007,
  ask: levels(['1001', '20'], ['1003', '50']),
  bid: levels(['999', '30'], ['998', '40']),
};
const PRINT: Print = {
  ...{ market: BTC, at: 10_000, id: '17103275719220001', price: units('1000'), volume: 1n, taker: 'bid' },
  book: BOOK,
};

function account(): Ledger {
  const ledger = emptyLedger();
  applyEvent(ledger, { type: 'deposited', currency: 'KRW', amount: '1000000' });
  return ledger;
}

function submit(ledger: Ledger, print: Print, request: Partial<OrderRequest>) {
  const submission = submitToBook(
    ledger,
    { market: BTC, side: 'bid', type: 'limit', ...request },
    { at: 20_000, print, feeRate: new Exact('0.0005'), parameters: PARAMETERS },
  );
  for (const event of submission.events) applyEvent(ledger, event);
  return submission;
}

const asksOf = (ledger: Ledger, print: Print) =>
  shownBook(ledger, print, PARAMETERS).asks.map(({ price, volume }) => [price.toFixed(), volume?.toFixed()]);

it('is what orders meet in place of a computed one', () => {
  const ledger = account();
  expect(asksOf(ledger, PRINT)).toEqual([
    ['1001', '20'],
    ['1003', '50'],
  ]);

  submit(ledger, PRINT, { price: '1003', volume: '60' });

  const [order] = ledger.orders.values();
  expect(order?.fills.map(({ price, volume }) => [price.toFixed(), volume.toFixed()])).toEqual([
    ['1001', '20'],
    ['1003', '40'],
  ]);
});

it('lacks what our orders took until another one is told, whatever trades come and over a restart', () => {
  let ledger = account();
  submit(ledger, PRINT, { price: '1001', volume: '15' });
  const left = [
    ['1001', '5'],
    ['1003', '50'],
  ];

  // Another trade, in the same millisecond or later, is no other book.
  expect(asksOf(ledger, { ...PRINT, id: '17103275719220002' })).toEqual(left);
  expect(asksOf(ledger, { ...PRINT, at: 10_500 })).toEqual(left);
  ledger = ledgerFromJson(JSON.parse(JSON.stringify(ledgerToJson(ledger))));
  expect(asksOf(ledger, PRINT)).toEqual(left);
  expect(asksOf(ledger, { ...PRINT, book: { ...BOOK, at: 10_008 } })[0]).toEqual(['1001', '20']);
});

it('puts a waiting order behind what is told at its price, and past the last level behind as much as that has', () => {
  const ledger = account();
  for (const price of ['999', '990', '1000']) submit(ledger, PRINT, { price, volume: '10' });

  const ahead = [...ledger.orders.values()].map((order) => queuePosition(ledger.books, order));
  expect(ahead).toEqual([units('30'), units('40'), 0n]);
});

it('keeps up to which trade a market was followed', () => {
  const ledger = account();
  expect(ledgerToJson(ledger)).not.toHaveProperty('followed');
  applyEvent(ledger, { type: 'followed', market: BTC, at: 10_000, id: '17103275719220001' });

  const again = ledgerFromJson(JSON.parse(JSON.stringify(ledgerToJson(ledger))));

  expect(again.followed.get(BTC)).toEqual({ at: 10_000, id: '17103275719220001' });
});
