import { type RawBuilder, sql, type Transaction } from 'kysely';
import { describe, expect, it, test } from 'vitest';
import { lockComparison } from '../../db/account-comparisons.ts';
import { upsertCandles } from '../../db/candles.ts';
import { insertDecision, writeStaleDecisions } from '../../db/decisions.ts';
import { lockMarketAccounts } from '../../db/ledger-claims.ts';
import { lockOrder, moveOrder } from '../../db/locked-order.ts';
import { lockMarketAccount, startTrading } from '../../db/market-accounts.ts';
import { markExpired } from '../../db/order-outcomes.ts';
import { requireOrder } from '../../db/orders.ts';
import type { Database } from '../../db/schema.ts';
import { lockTradingState, shareTradingState } from '../../db/trading-state.ts';
import { candleAt, minute } from '../support/candles.ts';
import { anAccount, anOrder, BTC, ETH, intend, useLedgerDatabase } from '../support/ledger.ts';

// Each guard alone. In the product several stand behind one another, so that no test of two workers fails when one is gone.

const { db } = await useLedgerDatabase();

describe('the database refuses, whoever writes,', () => {
  const order = (account: string, identifier: string, market = 'KRW-BTC') => sql`
    INSERT INTO orders (account, identifier, market, leg, side, price, quantity, fee_rate, reserved_cash,
                        reserved_quantity, status, request, deadline)
    VALUES (${account}, ${identifier}, ${market}, 'entry', 'bid', 1, 1, 0, 0, 0, 'intended', '{}', now())`;
  const fill = (account: string, identifier: string, trade: string) => sql`
    INSERT INTO trades (account, order_id, exchange_trade_id, executed_at, price, quantity, funds, fee)
    SELECT ${account}, id, ${trade}, now(), 1, 1, 1, 0 FROM orders WHERE identifier = ${identifier}`;
  const knownAs = (identifier: string, exchangeOrderId: string) => sql`
    UPDATE orders SET exchange_order_id = ${exchangeOrderId} WHERE identifier = ${identifier}`;
  const decision = (account: string) => sql`
    INSERT INTO decisions (account, market, timeframe, candle, trigger, action, reason)
    VALUES (${account}, 'KRW-BTC', '1m', '2026-01-01T00:00:00Z', 'candle', 'stale', 'test')`;
  const flow = (account: string, market: string) => sql`
    INSERT INTO cash_flows (account, market, kind, cash, note, reference)
    VALUES (${account}, ${market}, 'allocate', 1, 'test', 'one')`;
  const opening = (account: string) => sql`
    INSERT INTO account_differences (account, currency, amount, cause, detail, market_time)
    VALUES (${account}, 'KRW', 0, 'opening', 'test', now())`;

  const twice: Record<string, (a: string, b: string) => readonly RawBuilder<unknown>[]> = {
    'an identifier twice, also for two accounts': (a, b) => [order(a, `${a}-x`), order(b, `${a}-x`)],
    'one order of the exchange for two of ours': (a, b) => [
      ...[order(a, `${a}-x`), order(b, `${b}-x`)],
      ...[knownAs(`${a}-x`, `there-${a}`), knownAs(`${b}-x`, `there-${a}`)],
    ],
    'two orders of a market in flight': (a) => [order(a, `${a}-x`), order(a, `${a}-y`)],
    'a fill twice, also for two orders': (a, b) => [
      ...[order(a, `${a}-x`), order(b, `${b}-x`)],
      ...[fill(a, `${a}-x`, `fill-${a}`), fill(b, `${b}-x`, `fill-${a}`)],
    ],
    'two decisions on a candle': (a) => [decision(a), decision(a)],
    'a reference twice, also for two markets': (a) => [flow(a, 'KRW-BTC'), flow(a, 'KRW-ETH')],
    'two openings of a currency': (a) => [opening(a), opening(a)],
  };
  test.each(Object.entries(twice))('%s', async (_, statements) => {
    const accounts = [await anAccount(db, '20000', [BTC, ETH]), await anAccount(db, '20000')] as const;
    const all = statements(...accounts);
    for (const statement of all.slice(0, -1)) await statement.execute(db);
    await expect(all.at(-1)?.execute(db)).rejects.toMatchObject({ code: '23505' });
  });
});

describe('while one holds', () => {
  type Step = (trx: Transaction<Database>) => Promise<unknown>;

  /** What the second of two gets that take these steps in transactions of their own: `done`, or `waits` for the first. */
  async function beside(first: Step, second: Step): Promise<string> {
    return db.transaction().execute(async (holder) => {
      await first(holder);
      const waiting = db.transaction().execute(async (trx) => {
        await sql`SET LOCAL lock_timeout = '100ms'`.execute(trx);
        await second(trx);
        return 'done';
      });
      return waiting.catch((error) => (error.code === '55P03' ? 'waits' : Promise.reject(error)));
    });
  }

  it('a sub-account, another that books into it or reserves from it waits; one of another market does not', async () => {
    const account = await anAccount(db, '20000', [BTC, ETH]);
    const hold: Step = (trx) => lockMarketAccount(trx, account, BTC);
    expect(await beside(hold, hold)).toBe('waits');
    expect(await beside(hold, (trx) => lockMarketAccount(trx, account, ETH))).toBe('done');
  });

  it('all sub-accounts of an account, one that wants any of them waits, and no other account', async () => {
    const account = await anAccount(db, '20000', [BTC, ETH]);
    const other = await anAccount(db, '20000');
    const hold: Step = (trx) => lockMarketAccounts(trx, account);
    for (const market of [BTC, ETH]) {
      expect(await beside(hold, (trx) => lockMarketAccount(trx, account, market))).toBe('waits');
    }
    expect(await beside(hold, (trx) => lockMarketAccount(trx, other, BTC))).toBe('done');
  });

  it('an order, whoever writes its row past our code waits too', async () => {
    const { identifier } = await intend(db, anOrder(await anAccount(db, '20000')));
    const write: Step = (trx) =>
      sql`UPDATE orders SET status_reason = 'x' WHERE identifier = ${identifier}`.execute(trx);
    expect(await beside((trx) => lockOrder(trx, identifier), write)).toBe('waits');
  });

  it('the trading state, sharers wait and who changes it waits for sharers, but not sharers for one another', async () => {
    const account = await anAccount(db, '20000');
    const share: Step = (trx) => shareTradingState(trx, account);
    const change: Step = (trx) => lockTradingState(trx, account);
    await db.transaction().execute(change);
    expect(await beside(share, change)).toBe('waits');
    expect(await beside(change, share)).toBe('waits');
    expect(await beside(change, change)).toBe('waits');
    expect(await beside(share, share)).toBe('done');
  });

  it('what is covered of a market, who stores candles there, whoever notes that its decisions are complete waits', async () => {
    const account = await anAccount(db, '20000');
    const day = { from: minute(1), until: minute(1441) };
    await startTrading(db, account, BTC, day.from);
    await upsertCandles(db, BTC, '1m', { candles: [candleAt(1)], settled: [day] });
    const store: Step = (trx) => sql`UPDATE candle_coverage SET covered = covered WHERE market = ${BTC}`.execute(trx);
    const note: Step = (trx) => writeStaleDecisions(trx, account, BTC, '1m', day);
    expect(await beside(store, note)).toBe('waits');
    expect(await db.transaction().execute(note)).toEqual([minute(1)]);
  });

  it('the record of comparisons, another that would record one waits', async () => {
    const account = await anAccount(db, '20000');
    const hold: Step = (trx) => lockComparison(trx, account);
    await db.transaction().execute(hold);
    expect(await beside(hold, hold)).toBe('waits');
  });
});

it('a candle that is being decided on is not written off as stale beside it, and nobody fails of it', async () => {
  const account = await anAccount(db, '20000', [ETH]);
  const range = { from: minute(1), until: minute(2) };
  await startTrading(db, account, ETH, range.from);
  await upsertCandles(db, ETH, '1m', { candles: [candleAt(1)], settled: [range] });
  const key = { account, market: ETH, timeframe: '1m', candle: minute(1), trigger: 'candle' } as const;
  let noting: Promise<unknown> = Promise.resolve();
  await db.transaction().execute(async (trx) => {
    await insertDecision(trx, { ...key, action: 'blocked', reason: 'test', vote: null });
    noting = writeStaleDecisions(db, account, ETH, '1m', range);
    // It does not see the row yet, and waits for what becomes of it.
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
  expect(await noting).toEqual([]);
});

it('an order that is no longer what it was read as is not moved', async () => {
  const { identifier } = await intend(db, anOrder(await anAccount(db, '20000')));
  const read = await requireOrder(db, identifier);
  await markExpired(db, identifier, 'test');

  await expect(db.transaction().execute((trx) => moveOrder(trx, read, 'expired'))).rejects.toThrow(
    'no longer intended',
  );
});
