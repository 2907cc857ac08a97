import { type MigrationResultSet, Migrator } from 'kysely/migration';
import type { Db } from './connect.ts';
import { migrations } from './migrations/index.ts';
import { syncOrderTransitions } from './order-transitions.ts';

function createMigrator(db: Db): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
}

/**
 * Brings the database to the newest version, under the migrator's own lock, so that two starting at once is safe, and
 * gives it the order states of this version of the program.
 *
 * @returns names of the migrations that ran, oldest first
 * @throws the error of the first migration that failed; it is rolled back whole
 */
export async function migrateToLatest(db: Db): Promise<readonly string[]> {
  const { error, results }: MigrationResultSet = await createMigrator(db).migrateToLatest();
  if (error !== undefined) throw error;
  await syncOrderTransitions(db);
  return (results ?? []).map((result) => result.migrationName);
}

/** Names of migrations the database has not seen yet, oldest first. */
export async function pendingMigrations(db: Db): Promise<readonly string[]> {
  const known = await createMigrator(db).getMigrations();
  return known.filter((migration) => migration.executedAt === undefined).map((migration) => migration.name);
}
