import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { Db } from '../../db/connect.ts';
import { insertDecision } from '../../db/decisions.ts';
import { beginSending } from '../../db/order-sending.ts';
import { recordFills } from '../../db/trades.ts';
import { countTrading, countUnderWay } from '../../db/trading-counts.ts';
import { minute } from '../support/candles.ts';
import {
  aFill,
  anAccount,
  anOrder,
  BTC,
  DEADLINE,
  IN_TIME,
  intend,
  open,
  useLedgerDatabase,
} from '../support/ledger.ts';
import { recordRejected } from '../support/order-outcomes.ts';

const { db } = await useLedgerDatabase();

const NONE = { sent: 0, filled: 0, canceled: 0, rejected: 0, open: 0, unresolved: 0 };

it('an order counts with the candle it was decided on, at the candle’s close', async () => {
  const account = await anAccount(db, '20010');
  const key = { account, market: BTC, timeframe: '1m', candle: minute(4), trigger: 'candle' } as const;
  const { decision } = await insertDecision(db, { ...key, action: 'stale', reason: 'test', vote: null });
  const filled = await open(db, anOrder(account, { decision: decision.id }));
  const fills = [aFill('c-1', '4', '1000'), aFill('c-2', '6', '1000')];
  await recordFills(db, filled, { fills, executedQuantity: '10', paidFee: '5', final: 'filled' });
  const count = (from: number, until: number) =>
    countTrading(db, account, { from: minute(from), until: minute(until) });

  expect(await count(4, 5)).toEqual({
    ...{ decisions: { live: 0, stale: 1 }, orders: { ...NONE, sent: 1, filled: 1 }, trades: 2 },
  });
  expect(await count(5, 9)).toEqual({ decisions: { live: 0, stale: 0 }, orders: NONE, trades: 0 });
  expect(await count(1, 4)).toEqual({ decisions: { live: 0, stale: 0 }, orders: NONE, trades: 0 });
});

it('an order that no candle called for counts by its deadline', async () => {
  const account = await anAccount(db, '50000');
  const rejected = anOrder(account, { leg: 'manual' });
  await intend(db, rejected);
  await beginSending(db, rejected.identifier, IN_TIME);
  await recordRejected(db, rejected.identifier, 'insufficient_funds_bid');
  await intend(db, anOrder(account, { leg: 'manual' }));

  const orders = { ...NONE, sent: 1, rejected: 1, unresolved: 1 };
  expect(await countTrading(db, account, { from: DEADLINE - 1, until: DEADLINE })).toMatchObject({ orders });
  expect(await countTrading(db, account, { from: DEADLINE, until: DEADLINE + 1 })).toMatchObject({ orders: NONE });
});

/** Pages of the tables, indexes included, that `work` looks at. */
async function pagesRead(work: (on: Db) => Promise<unknown>): Promise<number> {
  return db.connection().execute(async (on) => {
    const total = async () => {
      await sql`SELECT pg_stat_force_next_flush()`.execute(on);
      const { rows } = await sql<{ pages: string }>`
        SELECT sum(heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit) AS pages FROM pg_statio_user_tables
        WHERE relname IN ('decisions', 'orders', 'trades', 'candles')`.execute(on);
      return Number(rows[0]?.pages);
    };
    const before = await total();
    await work(on);
    return (await total()) - before;
  });
}

it('what is counted costs what is asked about, not what was ever traded', { timeout: 60_000 }, async () => {
  const account = await anAccount(db, '20010');
  const years = 50_000;
  await db.connection().execute(async (on) => {
    await sql`SET session_replication_role = replica`.execute(on);
    const candle = sql`to_timestamp(n * 60)`;
    await sql`
      INSERT INTO candles SELECT ${BTC}, '1m', ${candle}, 1, 1, 1, 1, 1, 1 FROM generate_series(1, ${sql.lit(years)}) n`.execute(
      on,
    );
    await sql`
      INSERT INTO decisions (account, market, timeframe, candle, trigger, action, reason)
      SELECT ${account}, ${BTC}, '1m', ${candle}, 'candle', 'stale', 'test' FROM generate_series(1, ${sql.lit(years)} - 1) n`.execute(
      on,
    );
    await sql`
      INSERT INTO orders (account, identifier, market, leg, side, price, quantity, fee_rate, reserved_cash,
                          reserved_quantity, status, request, deadline, decision)
      SELECT account, 'many-' || id, market, 'entry', 'bid', 1, 1, 0, 0, 0, 'filled', '{}', candle, id
      FROM decisions WHERE account = ${account} AND candle < to_timestamp(${sql.lit(years)} * 30)`.execute(on);
    await sql`UPDATE market_accounts SET trading_since = to_timestamp(60) WHERE account = ${account}`.execute(on);
    await sql`
      INSERT INTO decision_coverage (account, market, timeframe, decided)
      VALUES (${account}, ${BTC}, '1m', tstzmultirange(tstzrange(to_timestamp(60), to_timestamp(${sql.lit(years - 100)} * 60))))`.execute(
      on,
    );
    await sql`SET session_replication_role = origin`.execute(on);
    await sql`ANALYZE`.execute(on);
  });
  const end = (years + 1) * 60_000;

  const counting = await pagesRead(async (on) => {
    const range = { from: 60 * 60_000, until: 120 * 60_000 };
    expect(await countTrading(on, account, range)).toMatchObject({
      ...{ decisions: { live: 0, stale: 60 }, orders: { ...NONE, filled: 60 } },
    });
  });
  const watching = await pagesRead(async (on) => expect(await countUnderWay(on, account, '1m', end)).toBe(1));

  // A look into an index is three or four pages; all decisions alone are above a thousand.
  expect(counting).toBeLessThan(700);
  expect(watching).toBeLessThan(700);
});
