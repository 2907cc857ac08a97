import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase, type Db } from '../../db/connect.ts';
import { migrateToLatest, pendingMigrations } from '../../db/migrate.ts';
import { migrations } from '../../db/migrations/index.ts';
import type { Database } from '../../db/schema.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

/** Every column the schema type names. The compiler refuses a name it does not have; the test, one it lacks. */
const columns: { readonly [T in keyof Database]: readonly (keyof Database[T])[] } = {
  candles: ['market', 'timeframe', 'ts', 'open', 'high', 'low', 'close', 'volume', 'quote_volume'],
  candle_revisions: [
    ...(['id', 'market', 'timeframe', 'ts', 'kind', 'open', 'high', 'low', 'close', 'volume', 'quote_volume'] as const),
    'noticed_at',
  ],
  candle_coverage: ['market', 'timeframe', 'covered'],
  settings: ['key', 'value'],
  trading_state: ['account', 'state', 'reason', 'since'],
  market_accounts: [
    ...(['account', 'market', 'cash', 'reserved_cash', 'quantity', 'reserved_quantity', 'cost'] as const),
    ...(['realised_profit', 'trading_since'] as const),
  ],
  decisions: [
    ...(['id', 'account', 'market', 'timeframe', 'candle', 'trigger', 'signals', 'weights', 'threshold'] as const),
    ...(['score', 'action', 'reason', 'input_hash', 'optimizer_result', 'decided_at'] as const),
  ],
  order_transitions: ['from_status', 'to_status'],
  orders: [
    ...(['id', 'account', 'identifier', 'exchange_order_id', 'market', 'leg', 'side', 'price', 'quantity'] as const),
    ...(['executed_quantity', 'fee_rate', 'paid_fee', 'reserved_cash', 'reserved_quantity', 'status'] as const),
    ...(['status_reason', 'request', 'deadline', 'decision', 'created_at', 'sending_at', 'settled_at'] as const),
  ],
  cash_flows: ['id', 'account', 'market', 'kind', 'cash', 'quantity', 'cost', 'note', 'reference', 'at'],
  trades: [
    ...([
      'id',
      'account',
      'order_id',
      'exchange_trade_id',
      'executed_at',
      'price',
      'quantity',
      'funds',
      'fee',
    ] as const),
  ],
  ledger_adjustments: [
    ...(['id', 'account', 'market', 'order_id', 'kind', 'cash', 'quantity', 'cost', 'realised_profit'] as const),
    ...(['cause', 'at'] as const),
  ],
  foreign_orders: [
    ...(['account', 'exchange_order_id', 'identifier', 'market', 'side', 'state', 'executed_quantity'] as const),
    ...(['executed_funds', 'paid_fee', 'classified_as', 'note', 'first_seen', 'classified_at'] as const),
    'booked_at',
  ],
  decision_coverage: ['account', 'market', 'timeframe', 'decided'],
  order_look_ups: ['account', 'name', 'asked_at', 'unclear_since'],
  account_comparisons: ['account', 'orders_until', 'compared_at', 'market_time', 'outside'],
  account_differences: [
    ...(['id', 'account', 'currency', 'amount', 'cause', 'exchange_order_id', 'detail', 'market_time', 'at'] as const),
  ],
  optimizer_results: [
    ...(['id', 'market', 'timeframe', 'window_from', 'window_until', 'candles', 'decided', 'empty_minutes'] as const),
    ...(['gap_before', 'space', 'candidates', 'costs', 'params', 'metrics', 'out_of_sample', 'is_best'] as const),
    'recorded_at',
  ],
  promotions: ['id', 'account', 'market', 'timeframe', 'optimizer_result', 'chosen_by', 'reason', 'at'],
  equity_curve: ['account', 'market', 'at', 'cash', 'quantity', 'price', 'equity'],
  stream_reports: ['stream', 'state', 'since', 'reason', 'last_news_at', 'gaps_healed', 'reported_at'],
  key_refusals: [
    ...(['account', 'scope', 'reason', 'meaning', 'since', 'last_at', 'refusals', 'call', 'identifier'] as const),
  ],
};

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connectDatabase(database.url, { applicationName: 'test' });
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

describe('migrations', () => {
  it('bring an empty database to the newest version, once, also when two start together', async () => {
    expect(await pendingMigrations(db)).toEqual(Object.keys(migrations));

    const applied = await Promise.all([migrateToLatest(db), migrateToLatest(db)]);

    expect(applied.flat().sort()).toEqual(Object.keys(migrations));
    expect(await pendingMigrations(db)).toEqual([]);
  });

  it('make exactly the tables and columns the schema type describes', async () => {
    await migrateToLatest(db);
    const { rows } = await sql<{ table_name: string; column_name: string }>`
      SELECT table_name, column_name FROM information_schema.columns
      WHERE table_schema = 'public' AND table_name NOT LIKE 'kysely_%' ORDER BY 1, ordinal_position`.execute(db);
    const found = Object.groupBy(rows, (row) => row.table_name);
    expect(
      Object.fromEntries(Object.entries(found).map(([table, list]) => [table, list?.map((r) => r.column_name)])),
    ).toEqual(columns);
  });
});
