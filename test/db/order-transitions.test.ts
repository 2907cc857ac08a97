import { sql } from 'kysely';
import { describe, expect, it, test } from 'vitest';
import { migrateToLatest } from '../../db/migrate.ts';
import { syncOrderTransitions } from '../../db/order-transitions.ts';
import {
  canMove,
  IN_FLIGHT_STATUSES,
  ORDER_STATES,
  ORDER_TRANSITIONS,
  type OrderStatus,
} from '../../strategy/order-states.ts';
import { anAccount, anOrder, intend, open, useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();

const ALL = Object.keys(ORDER_STATES) as OrderStatus[];
const PATHS: Record<OrderStatus, readonly OrderStatus[]> = {
  intended: [],
  sending: ['sending'],
  open: ['sending', 'open'],
  filled: ['sending', 'open', 'filled'],
  canceled: ['sending', 'open', 'canceled'],
  rejected: ['sending', 'rejected'],
  unknown: ['sending', 'unknown'],
  expired: ['expired'],
};

/** Past all our code, as somebody with `psql` would. */
const setStatus = (identifier: string, status: OrderStatus) =>
  sql`UPDATE orders SET status = ${status} WHERE identifier = ${identifier}`.execute(db);

async function orderIn(status: OrderStatus): Promise<string> {
  const order = anOrder(await anAccount(db, '20000'));
  await intend(db, order);
  for (const step of PATHS[status]) await setStatus(order.identifier, step);
  return order.identifier;
}

describe('the database', () => {
  test.each(ALL.flatMap((from) => ALL.filter((to) => to !== from).map((to) => [from, to, canMove(from, to)] as const)))(
    '%s → %s: allowed %s',
    async (from, to, allowed) => {
      const identifier = await orderIn(from);

      if (allowed) await setStatus(identifier, to);
      else await expect(setStatus(identifier, to)).rejects.toThrow(`cannot move from ${from} to ${to}`);

      const row = await db
        .selectFrom('orders')
        .select('status')
        .where('identifier', '=', identifier)
        .executeTakeFirst();
      expect(row?.status).toBe(allowed ? to : from);
    },
  );

  it('lets no order start as anything but intended, nor in a state nobody knows', async () => {
    const account = await anAccount(db, '20000');
    const insert = (status: string) =>
      sql`INSERT INTO orders (account, identifier, market, leg, side, price, quantity, fee_rate, reserved_cash,
                              reserved_quantity, status, request, deadline)
          VALUES (${account}, ${`raw-${status}`}, 'KRW-BTC', 'entry', 'bid', 1, 1, 0, 0, 0, ${status}, '{}', now())`.execute(
        db,
      );
    for (const status of [...ALL.filter((one) => one !== 'intended'), 'lost']) {
      await expect(insert(status)).rejects.toThrow('does not start as intended');
    }
    await insert('intended');
  });

  test.each([
    ['price', '1'],
    ['quantity', '11'],
    ['fee_rate', '0'],
    ['side', 'ask'],
    ['leg', 'stop'],
    ['market', 'KRW-ETH'],
    ['account', 'live'],
    ['identifier', 'another'],
    ['request', '{}'],
    ['deadline', '2030-01-01T00:00:00Z'],
    ['exchange_order_id', 'another'],
  ])('keeps the %s of an order as it is', async (column, value) => {
    const identifier = await open(db, anOrder(await anAccount(db, '20000')));
    const change = sql`UPDATE orders SET ${sql.ref(column)} = ${sql.lit(value)} WHERE identifier = ${identifier}`;
    await expect(change.execute(db)).rejects.toThrow('never changes');
  });

  test.each(['decisions', 'orders', 'trades', 'cash_flows', 'ledger_adjustments'])(
    'keeps every row of %s',
    async (table) => {
      await orderIn('intended');
      await expect(sql`TRUNCATE ${sql.table(table)} CASCADE`.execute(db)).rejects.toThrow('never changed or removed');
      if (table === 'orders' || table === 'cash_flows') {
        await expect(sql`DELETE FROM ${sql.table(table)}`.execute(db)).rejects.toThrow('never changed or removed');
      }
    },
  );

  it('counts exactly the orders in flight for one order per market', async () => {
    const { rows } = await sql<{ predicate: string }>`
      SELECT pg_get_expr(indpred, indrelid) AS predicate FROM pg_index
      WHERE indexrelid = 'one_order_in_flight'::regclass`.execute(db);
    const named = [...(rows[0]?.predicate ?? '').matchAll(/'(\w+)'/g)].map((match) => match[1]);
    expect(named).toEqual(IN_FLIGHT_STATUSES);
  });
});

describe('the table of transitions', () => {
  const stored = () => db.selectFrom('order_transitions').selectAll().execute();

  it('is brought to what the code says by every start', async () => {
    await sql`DELETE FROM order_transitions WHERE to_status = 'rejected'`.execute(db);
    await sql`INSERT INTO order_transitions VALUES ('rejected', 'sending')`.execute(db);

    await migrateToLatest(db);

    const expected = ORDER_TRANSITIONS.map(({ from, to }) => ({ from_status: from, to_status: to }));
    expect(new Set((await stored()).map((row) => JSON.stringify(row)))).toEqual(
      new Set(expected.map((row) => JSON.stringify(row))),
    );
  });

  it('stays as it is when it is right already, also for several at once', async () => {
    const before = await stored();
    await Promise.all([1, 2, 3].map(() => syncOrderTransitions(db)));
    expect(await stored()).toEqual(before);
  });
});
