import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../../db/connect.ts';
import {
  classifyForeignOrder,
  findForeignOrders,
  markForeignOrderGone,
  readForeignOrders,
  recordForeignOrder,
} from '../../db/foreign-orders.ts';
import { BTC, createLedgerDatabase } from '../support/ledger.ts';

let db: Db;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, close } = await createLedgerDatabase());
});
afterAll(() => close());

const seen = {
  account: 'paper',
  exchangeOrderId: 'by-hand-1',
  identifier: null,
  market: BTC,
  side: 'bid' as const,
  state: 'wait',
  executedQuantity: '0',
  executedFunds: '0',
  paidFee: '0',
};

describe('an order the bot did not make', () => {
  it('is recorded once; what became of it replaces what was, whose it is and when it was seen stay', async () => {
    const first = await recordForeignOrder(db, seen);
    expect(first.classified_as).toBeNull();
    await classifyForeignOrder(db, 'paper', 'by-hand-1', 'by-hand', 'my own');

    await recordForeignOrder(db, { ...seen, state: 'done', executedQuantity: '1', executedFunds: '9', paidFee: '0.1' });

    expect(await readForeignOrders(db, 'paper')).toEqual([
      {
        ...first,
        state: 'done',
        executed_quantity: '1',
        executed_funds: '9',
        paid_fee: '0.1',
        classified_as: 'by-hand',
        note: 'my own',
      },
    ]);
  });

  it.each<[string, object, object, object]>([
    ['less executed', { executedQuantity: '2', executedFunds: '9', paidFee: '1' }, { executedQuantity: '1' }, {}],
    ['not ended yet', { state: 'cancel', executedQuantity: '2' }, { state: 'wait', executedQuantity: '2' }, {}],
    [
      'the same amount, and ended',
      { executedQuantity: '2' },
      { state: 'done', executedQuantity: '2' },
      { state: 'done' },
    ],
    [
      'more, though it had gone',
      { state: 'not-found' },
      { executedQuantity: '1' },
      { state: 'wait', executed_quantity: '1' },
    ],
  ])('as a look shows it that is late: %s', async (name, first, then, changes) => {
    const one = { ...seen, account: 'overtaken', exchangeOrderId: name };
    const before = await recordForeignOrder(db, { ...one, ...first });
    expect(await recordForeignOrder(db, { ...one, ...then })).toEqual({ ...before, ...changes });
  });

  it('that rested and is gone is asked for no more', async () => {
    const account = 'gone';
    for (const [id, state] of Object.entries({ rests: 'wait', ended: 'done' })) {
      await recordForeignOrder(db, { ...seen, account, exchangeOrderId: id, state });
      await markForeignOrderGone(db, account, id);
    }
    expect(await findForeignOrders(db, account, [])).toEqual([]);
    expect((await readForeignOrders(db, account)).map(({ state }) => state)).toEqual(['done', 'not-found']);
  });

  it('cannot be classified before it was seen', async () => {
    const classifying = classifyForeignOrder(db, 'live', 'by-hand-1', 'by-hand', null);
    await expect(classifying).rejects.toMatchObject({ name: 'NotInLedger' });
  });

  it('is read newest first, as many as asked for', async () => {
    for (const id of ['a', 'b', 'c']) await recordForeignOrder(db, { ...seen, account: 'many', exchangeOrderId: id });
    const ids = (rows: Awaited<ReturnType<typeof readForeignOrders>>) => rows.map((row) => row.exchange_order_id);
    expect(ids(await readForeignOrders(db, 'many'))).toEqual(['c', 'b', 'a']);
    expect(ids(await readForeignOrders(db, 'many', 2))).toEqual(['c', 'b']);
  });

  it('is found by its id, and without one while it may still trade', async () => {
    const account = 'found';
    for (const [id, state] of Object.entries({ done: 'done', rests: 'wait', stop: 'watch', gone: 'cancel' })) {
      await recordForeignOrder(db, { ...seen, account, exchangeOrderId: id, state });
    }
    const ids = (await findForeignOrders(db, account, ['done', 'none'])).map((row) => row.exchange_order_id);
    expect(ids).toEqual(['done', 'rests', 'stop']);
  });

  it('keeps what was noted of it when it was first seen', async () => {
    const noted = { ...seen, exchangeOrderId: 'noted', note: 'the ledger has no such order' };
    await recordForeignOrder(db, noted);
    const { note } = await recordForeignOrder(db, { ...seen, exchangeOrderId: 'noted', state: 'done' });
    expect(note).toBe('the ledger has no such order');
  });
});
