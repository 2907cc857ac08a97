import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { parseMarket } from '../../config/market.ts';
import { listenForCandles } from '../../db/candle-listener.ts';
import { upsertCandles } from '../../db/candles.ts';
import { connectDatabase } from '../../db/connect.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { candleAt } from '../support/candles.ts';
import { createTestDatabase } from '../support/database.ts';

const FAR_MS = 20_000;

it('wakes who waits when a candle is stored, also after its connection broke, on one connection at a time', {
  timeout: 120_000,
}, async () => {
  const database = await createTestDatabase();
  const db = connectDatabase(database.url, { applicationName: 'test' });
  await migrateToLatest(db);
  const listener = listenForCandles(database.url, () => undefined);
  onTestFinished(async () => {
    await listener.close();
    await db.destroy();
    await database.drop();
  });
  const listening = async () => {
    const { rows } = await sql<{ pid: number }>`SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'durabit-candle-listener' AND query LIKE 'LISTEN%'`.execute(
      db,
    );
    return rows.map(({ pid }) => pid);
  };
  const store = (n: number) => upsertCandles(db, parseMarket('KRW-BTC'), '1m', { candles: [candleAt(n)], settled: [] });

  await expect.poll(listening).toHaveLength(1);
  const first = listener.next(FAR_MS);
  await store(1);
  await first;

  const [broken] = await listening();
  await sql`SELECT pg_terminate_backend(${broken}::int)`.execute(db);
  await expect.poll(async () => (await listening()).filter((pid) => pid !== broken)).toHaveLength(1);
  const second = listener.next(FAR_MS);
  await store(2);
  await second;
  expect(await listening()).toHaveLength(1);
});
