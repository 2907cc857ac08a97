import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../cli/up/ports.ts';
import { connectDatabase, DatabaseUnavailable } from '../../db/connect.ts';
import { pendingMigrations } from '../../db/migrate.ts';
import { createTestDatabase } from '../support/database.ts';

describe('a database that cannot be reached', () => {
  it('is named by its address, without its password', async () => {
    const url = `postgres://durabit:hunter2@127.0.0.1:${await freePort()}/durabit`;
    const db = connectDatabase(url, { applicationName: 'test' });
    const error = await pendingMigrations(db).catch((failure: unknown) => failure);
    await db.destroy();

    expect(error).toBeInstanceOf(DatabaseUnavailable);
    expect((error as Error).message).toMatch(
      /PostgreSQL at 127\.0\.0\.1:\d+\/durabit cannot be reached \(ECONNREFUSED\)/,
    );
    expect((error as Error).message).not.toContain('hunter2');
  });
});

describe('a connection that breaks in the middle of a transaction', () => {
  it('fails that transaction and nothing else; the next one opens a new connection', async () => {
    const database = await createTestDatabase();
    const lost: Error[] = [];
    const db = connectDatabase(database.url, {
      applicationName: 'test',
      onConnectionLost: (error) => lost.push(error),
    });

    const broken = db.transaction().execute(async (trx) => {
      const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(trx);
      await sql`SELECT pg_terminate_backend(${rows[0]?.pid}::int)`.execute(db);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await sql`SELECT 1`.execute(trx);
    });

    await expect(broken).rejects.toThrow();
    expect(lost.length).toBeGreaterThan(0);
    expect((await sql<{ one: number }>`SELECT 1 AS one`.execute(db)).rows).toEqual([{ one: 1 }]);
    await db.destroy();
    await database.drop();
  });
});
