import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { asAdmin, MIGRATED_TEMPLATE } from './migrated-template.ts';

export interface TestDatabase {
  readonly url: string;
  /** Removes it; connections still open are closed by the server. */
  drop(): Promise<void>;
}

/** A fresh, empty database on the run's server. One per test file keeps files from seeing each other's rows. */
export function createTestDatabase(): Promise<TestDatabase> {
  return createDatabase('');
}

/** The same with the newest schema, as `migrateToLatest` leaves an empty one. */
export function createMigratedDatabase(): Promise<TestDatabase> {
  return createDatabase(`TEMPLATE ${MIGRATED_TEMPLATE}`);
}

async function createDatabase(options: string): Promise<TestDatabase> {
  const server = inject('databaseUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(server, `CREATE DATABASE ${name} ${options}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asAdmin(server, `DROP DATABASE ${name} WITH (FORCE)`) };
}
