import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../../db/connect.ts';
import { classifyForeignOrder, readForeignOrders, recordForeignOrder } from '../../db/foreign-orders.ts';
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

  it('cannot be classified before it was seen', async () => {
    const classifying = classifyForeignOrder(db, 'live', 'by-hand-1', 'by-hand', null);
    await expect(classifying).rejects.toMatchObject({ name: 'NotInLedger' });
  });
});
