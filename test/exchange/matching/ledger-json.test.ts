import { expect, test } from 'vitest';
import { queuePosition } from '../../../exchange/matching/book/book.ts';
import { ledgerFromJson, ledgerToJson } from '../../../exchange/matching/ledger-json.ts';
import { accountWith } from './account.ts';

test('a snapshot from before there was a book is read: its waiting orders are the first at their prices', () => {
  const { ledger, submit } = accountWith({ KRW: '1000000' });
  submit({ price: '900', volume: '10' }, '1000');
  const { queued, taken, ...before } = ledgerToJson(ledger);

  const read = ledgerFromJson(JSON.parse(JSON.stringify(before)));

  expect([queued, taken]).toEqual([[], []]);
  expect(ledgerToJson(read)).toEqual(ledgerToJson(ledger));
  expect([...read.orders.values()].map((order) => queuePosition(read.books, order))).toEqual([0n]);
});
