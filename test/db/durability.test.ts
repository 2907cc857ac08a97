import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { connectDatabase } from '../../db/connect.ts';
import { requireDurableCommits } from '../../db/durability.ts';
import { createTestDatabase } from '../support/database.ts';

async function databaseWith(setting?: string) {
  const database = await createTestDatabase();
  const connect = () => connectDatabase(database.url, { applicationName: 'test' });
  if (setting !== undefined) {
    const admin = connect();
    await sql`ALTER DATABASE ${sql.id(new URL(database.url).pathname.slice(1))} SET ${sql.raw(setting)}`.execute(admin);
    await admin.destroy();
  }
  const db = connect();
  onTestFinished(async () => {
    await db.destroy();
    await database.drop();
  });
  return db;
}

it('takes the embedded server as it is', async () => {
  await expect(requireDurableCommits(await databaseWith())).resolves.toBeUndefined();
});

it('refuses a server that may forget a commit it confirmed, and names the setting', async () => {
  const db = await databaseWith('synchronous_commit = off');
  await expect(requireDurableCommits(db)).rejects.toThrow('synchronous_commit = off and may lose orders');
});
