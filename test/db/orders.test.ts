import { describe, expect, it, test } from 'vitest';
import { adopt } from '../../db/cash-flows.ts';
import { insertDecision } from '../../db/decisions.ts';
import { lockMarketAccount } from '../../db/market-accounts.ts';
import { markExpired } from '../../db/order-outcomes.ts';
import { beginSending } from '../../db/order-sending.ts';
import { insertIntendedOrder, readOrder, readOrders } from '../../db/orders.ts';
import { minute } from '../support/candles.ts';
import {
  anAccount,
  anOrder,
  BTC,
  ETH,
  figures,
  IN_TIME,
  intend,
  requireProven,
  useLedgerDatabase,
} from '../support/ledger.ts';
import { markUnknown } from '../support/order-outcomes.ts';

const { db } = await useLedgerDatabase();

const ask = { side: 'ask' as const, leg: 'exit' as const };
const refusal = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'accepted',
    (error: Error) => error.name,
  );

describe('intending an order', () => {
  it('reserves all it can take, and keeps the request as it will be sent', async () => {
    const account = await anAccount(db, '20000');
    const order = await intend(db, anOrder(account));
    expect(order).toMatchObject({ status: 'intended', reserved_cash: '10005', request: { volume: '10' } });
    expect(await figures(db, account)).toMatchObject({ cash: '20000', reservedCash: '10005' });
  });

  it('of a sale reserves the coins', async () => {
    const account = await anAccount(db, '0');
    await adopt(db, { account, market: BTC, quantity: '12', cost: '12000', note: 'test' });
    await intend(db, anOrder(account, ask));
    expect(await figures(db, account)).toMatchObject({ quantity: '12', reservedQuantity: '10', reservedCash: '0' });
  });

  test.each([
    ['all that is free, to the last digit', '10005', {}, 'accepted'],
    ['a hair more than is free', '10004.99999999999999999999', {}, 'InsufficientFree'],
    ['coins there are none of', '10005', ask, 'InsufficientFree'],
    ['a market without a sub-account', '10005', { market: ETH }, 'NotInLedger'],
  ])('for %s: %#', async (_, cash, changes, expected) => {
    const account = await anAccount(db, cash);
    const order = anOrder(account, changes);

    expect(await refusal(intend(db, order))).toBe(expected);

    expect((await readOrder(db, order.identifier)) !== undefined).toBe(expected === 'accepted');
    expect(await figures(db, account)).toMatchObject({ cash, reservedCash: expected === 'accepted' ? '10005' : '0' });
  });

  it('again returns what is recorded and reserves nothing more', async () => {
    const account = await anAccount(db, '20000');
    const order = anOrder(account);
    const first = await intend(db, order);
    expect(await intend(db, order)).toEqual(first);
    expect(await figures(db, account)).toMatchObject({ reservedCash: '10005' });
  });

  it('refuses an identifier that belongs to another order', async () => {
    const account = await anAccount(db, '20000');
    const order = anOrder(account);
    await intend(db, order);
    expect(await refusal(intend(db, { ...order, quantity: '9' }))).toBe('OrderContradiction');
  });

  it('leaves nothing behind when its transaction fails', async () => {
    const account = await anAccount(db, '20000');
    const order = anOrder(account);
    const decided = db.transaction().execute(async (trx) => {
      await insertIntendedOrder(trx, order);
      throw new Error('killed');
    });
    await expect(decided).rejects.toThrow('killed');
    expect(await readOrder(db, order.identifier)).toBeUndefined();
    expect(await figures(db, account)).toMatchObject({ reservedCash: '0' });
  });

  it('comes with its decision or not at all', async () => {
    const account = await anAccount(db, '100');
    const key = { account, market: BTC, timeframe: '1m' as const, candle: minute(1), trigger: 'manual' };
    const decided = db.transaction().execute(async (trx) => {
      const { decision } = await insertDecision(trx, { ...key, action: 'buy', reason: 'test', vote: null });
      await insertIntendedOrder(trx, anOrder(account, { decision: decision.id }));
    });
    await expect(decided).rejects.toMatchObject({ name: 'InsufficientFree' });
    expect(await db.selectFrom('decisions').selectAll().where('account', '=', account).execute()).toEqual([]);
  });

  it('lists newest first', async () => {
    const account = await anAccount(db, '20000', [BTC, ETH]);
    const first = await intend(db, anOrder(account));
    const second = await intend(db, anOrder(account, { market: ETH }));
    expect(await readOrders(db, { account, limit: 5 })).toEqual([second, first]);
    expect(await readOrders(db, { account, market: BTC, limit: 5 })).toEqual([first]);
  });
});

describe('a market with an order already', () => {
  it('takes no second one while the first is in flight', async () => {
    const account = await anAccount(db, '100000');
    const first = await intend(db, anOrder(account));
    for (const leg of ['entry', 'stop', 'manual'] as const) {
      await expect(intend(db, anOrder(account, { leg }))).rejects.toMatchObject({
        name: 'MarketBlocked',
        by: first.identifier,
      });
    }
    await markExpired(db, first.identifier, 'test');
    await intend(db, anOrder(account));
  });

  test.each([
    ['entry', 'MarketBlocked'],
    ['exit', 'MarketBlocked'],
    ['scheduled', 'MarketBlocked'],
    ['stop', 'accepted'],
    ['flatten', 'accepted'],
    ['manual', 'accepted'],
  ] as const)('that is unknown: %s is %s', async (leg, expected) => {
    const account = await anAccount(db, '100000');
    const first = await intend(db, anOrder(account));
    await beginSending(db, first.identifier, IN_TIME);
    await markUnknown(db, first.identifier);

    expect(await refusal(intend(db, anOrder(account, { leg })))).toBe(expected);
  });

  it('that is unknown keeps its money from a stop', async () => {
    const account = await anAccount(db, '0');
    await adopt(db, { account, market: BTC, quantity: '12', cost: '12000', note: 'test' });
    const first = await intend(db, anOrder(account, ask));
    await beginSending(db, first.identifier, IN_TIME);
    await markUnknown(db, first.identifier);

    expect(await refusal(intend(db, anOrder(account, { ...ask, leg: 'stop' })))).toBe('InsufficientFree');
    await intend(db, anOrder(account, { ...ask, leg: 'stop', quantity: '2' }));
  });
});

describe('two who decide at once', () => {
  it('on one market never spend the same won: one order, one refusal, every time', async () => {
    for (let round = 0; round < 10; round += 1) {
      const account = await anAccount(db, '15000');
      const results = await Promise.all([1, 2, 3, 4].map(() => refusal(intend(db, anOrder(account)))));
      expect(results.sort()).toEqual(['MarketBlocked', 'MarketBlocked', 'MarketBlocked', 'accepted']);
      expect(await figures(db, account)).toMatchObject({ cash: '15000', reservedCash: '10005' });
    }
  });

  it('for the same identifier get the same order', async () => {
    const order = anOrder(await anAccount(db, '15000'));
    const results = await Promise.all([1, 2, 3, 4].map(() => intend(db, order)));
    expect(new Set(results.map((row) => row.id)).size).toBe(1);
  });

  it('on two markets take their own won, and the other goes on while one is locked', async () => {
    const account = await anAccount(db, '15000', [BTC, ETH]);
    await db.transaction().execute(async (trx) => {
      expect((await lockMarketAccount(trx, account, BTC)).free.cash).toBe('15000');
      await intend(db, anOrder(account, { market: ETH }));
      await insertIntendedOrder(trx, anOrder(account));
    });
    expect(await figures(db, account, BTC)).toMatchObject({ cash: '15000', reservedCash: '10005' });
    expect(await figures(db, account, ETH)).toMatchObject({ cash: '15000', reservedCash: '10005' });
    await requireProven(db, account);
  });

  it("never reserve one market's won for the other, however much there is in all", async () => {
    const account = await anAccount(db, '10000', [BTC, ETH]);
    expect(await refusal(intend(db, anOrder(account)))).toBe('InsufficientFree');
  });
});
