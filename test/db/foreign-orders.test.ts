import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { keepFirstSetting } from '../../db/bot-settings.ts';
import {
  classifyForeignOrder,
  findForeignOrders,
  findPerhapsBooked,
  findRecordedBeside,
  markForeignOrderBooked,
  markForeignOrderGone,
  readForeignOrders,
  readLostOrders,
  recordForeignOrder,
} from '../../db/foreign-orders.ts';
import { recordFills } from '../../db/trades.ts';
import { anAccount, anOrder, BTC, ETH, intend, open, useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();

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

    expect(await readForeignOrders(db, { account: 'paper', limit: 9 })).toEqual([
      {
        ...first,
        state: 'done',
        executed_quantity: '1',
        executed_funds: '9',
        paid_fee: '0.1',
        classified_as: 'by-hand',
        classified_at: expect.any(Date),
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
    expect((await readForeignOrders(db, { account, limit: 9 })).map(({ state }) => state)).toEqual([
      'done',
      'not-found',
    ]);
  });

  it('cannot be classified before it was seen', async () => {
    const classifying = classifyForeignOrder(db, 'live', 'by-hand-1', 'by-hand', 'mine');
    await expect(classifying).rejects.toMatchObject({ name: 'NotInLedger' });
  });

  it('is read newest first, as many as asked for', async () => {
    for (const id of ['a', 'b', 'c']) await recordForeignOrder(db, { ...seen, account: 'many', exchangeOrderId: id });
    const ids = (rows: Awaited<ReturnType<typeof readForeignOrders>>) => rows.map((row) => row.exchange_order_id);
    const many = { account: 'many', limit: 9 };
    expect(ids(await readForeignOrders(db, many))).toEqual(['c', 'b', 'a']);
    expect(ids(await readForeignOrders(db, { ...many, limit: 2 }))).toEqual(['c', 'b']);
    await recordForeignOrder(db, { ...seen, account: 'many', exchangeOrderId: 'd', market: ETH });
    expect(ids(await readForeignOrders(db, { ...many, market: ETH }))).toEqual(['d']);
    await classifyForeignOrder(db, 'many', 'b', 'by-hand', 'mine');
    expect(ids(await readForeignOrders(db, { ...many, unclassified: true }))).toEqual(['d', 'c', 'a']);
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

  it('keeps that note beside what is said when it is classified, each time', async () => {
    await recordForeignOrder(db, { ...seen, exchangeOrderId: 'said', note: 'the ledger has no such order' });
    await classifyForeignOrder(db, 'paper', 'said', 'by-hand', 'mine');
    expect(await classifyForeignOrder(db, 'paper', 'said', 'other-program', 'no, my old bot')).toMatchObject({
      classified_as: 'other-program',
      note: 'the ledger has no such order; mine; no, my old bot',
    });
  });

  it('is lost when it bears the bot id, until it is classified', async () => {
    const lost = async () => (await readLostOrders(db, 'lost', 9)).map((row) => row.exchange_order_id);
    for (const [id, identifier] of Object.entries({ theirs: 'other-1', ours: 'k3v9x0ab-1', like: 'k3v9x0abc-1' })) {
      await recordForeignOrder(db, { ...seen, account: 'lost', exchangeOrderId: id, identifier });
    }
    await recordForeignOrder(db, { ...seen, account: 'lost', exchangeOrderId: 'nameless' });
    expect(await lost()).toEqual([]);
    await keepFirstSetting(db, 'bot_id', 'k3v9x0ab');

    expect(await lost()).toEqual(['ours']);
    // The ledger has none of them.
    expect((await findRecordedBeside(db, 'lost', ['k3v9x0ab-1', 'k3v9x0ab-2'])).size).toBe(0);
    await classifyForeignOrder(db, 'lost', 'ours', 'other-program', 'a copy of it');
    expect(await lost()).toEqual([]);
  });

  it('is ours once the ledger tells of it, with what the exchange then shows, until it is refused again', async () => {
    const account = await anAccount(db, '20000');
    const identifier = await open(db, anOrder(account));
    await sql`UPDATE settings SET value = 'testbot1' WHERE key = 'bot_id'`.execute(db);
    const one = { ...seen, account, identifier, note: 'refused' };
    await recordForeignOrder(db, { ...one, state: 'done', executedQuantity: '2', executedFunds: '9', paidFee: '1' });
    const all = async () => [
      (await readLostOrders(db, account, 9)).length,
      (await findRecordedBeside(db, account, [identifier])).size,
      (await readForeignOrders(db, { account, limit: 9, unclassified: true })).length,
    ];
    expect(await all()).toEqual([1, 1, 1]);

    const right = { state: 'done', executedQuantity: '1', executedFunds: '5', paidFee: '0.1' };
    await markForeignOrderBooked(db, { ...one, ...right });

    expect(await all()).toEqual([0, 0, 0]);
    expect(await readForeignOrders(db, { account, limit: 9 })).toMatchObject([
      { executed_quantity: '1', executed_funds: '5', paid_fee: '0.1', note: 'refused', booked_at: expect.any(Date) },
    ]);
    await recordForeignOrder(db, { ...one, state: 'done', executedQuantity: '2' });
    expect(await all()).toEqual([1, 1, 1]);
  });
});

describe('an order recorded beside the ledger, which has it,', () => {
  it('was lacked where it was recorded before the ledger had it, and refused else', async () => {
    const account = await anAccount(db, '20000');
    const order = anOrder(account);
    const { identifier } = order;
    const record = (id: string, note: string) =>
      recordForeignOrder(db, { ...seen, account, identifier, exchangeOrderId: id, note });
    const beside = async () => (await findRecordedBeside(db, account, [identifier])).get(identifier);

    await record('there', 'the ledger has no such order');
    expect(await beside()).toBeUndefined();
    await intend(db, order);
    expect(await beside()).toEqual({ lacked: true, note: 'the ledger has no such order' });
    await record('a-second-one', 'the ledger refuses it');
    expect(await beside()).toEqual({ lacked: false, note: 'the ledger refuses it' });
    // That it moved on does not make it seen any later.
    await record('there', 'the ledger refuses it');
    expect(await beside()).toEqual({ lacked: false, note: 'the ledger refuses it' });
  });
});

describe('an order that the ledger refused', () => {
  const perhaps = async (account: string) =>
    (await findPerhapsBooked(db, account)).map(({ exchangeOrderId }) => exchangeOrderId);

  it('may be booked once the ledger’s own order of that name has ended', async () => {
    const account = await anAccount(db, '20000');
    const identifier = await open(db, anOrder(account));
    const exchangeOrderId = `exchange-${identifier}`;
    for (const id of [exchangeOrderId, `another-${identifier}`]) {
      await recordForeignOrder(db, { ...seen, account, identifier, exchangeOrderId: id });
    }
    expect(await perhaps(account)).toEqual([]);

    await recordFills(db, identifier, { fills: [], executedQuantity: '0', paidFee: '0', final: 'canceled' });

    expect(await perhaps(account)).toEqual([`another-${identifier}`, exchangeOrderId]);
    const atTheExchange = { account, exchangeOrderId, state: 'cancel', executedFunds: '0', paidFee: '0' };
    await markForeignOrderBooked(db, { ...atTheExchange, executedQuantity: '0' });
    await recordForeignOrder(db, { ...seen, account, identifier, exchangeOrderId: `later-${identifier}` });
    expect(await perhaps(account)).toEqual([`another-${identifier}`]);

    await sql`UPDATE orders SET settled_at = settled_at - interval '8 days' WHERE account = ${account}`.execute(db);
    await sql`UPDATE foreign_orders SET first_seen = first_seen - interval '9 days'`.execute(db);
    expect(await perhaps(account)).toEqual([]);
  });
});
