import { sql } from 'kysely';
import { UserError } from '../config/user-error.ts';
import type { Db } from './connect.ts';

/**
 * Refuses a server that may forget what it confirmed: exactly-once recording rests on a commit being durable.
 *
 * @throws {UserError} naming the setting that is off, or that the server is older than 15
 */
export async function requireDurableCommits(db: Db): Promise<void> {
  const { rows } = await sql<{ fsync: string; synchronous_commit: string; version: number }>`
    SELECT current_setting('fsync') AS fsync,
           current_setting('synchronous_commit') AS synchronous_commit,
           current_setting('server_version_num')::int AS version`.execute(db);
  const found = rows[0];
  if (found === undefined) throw new Error('PostgreSQL answered no settings');
  if (found.version < 150_000) {
    throw new UserError(`PostgreSQL ${Math.floor(found.version / 10_000)} is too old; durabit needs 15 or newer`);
  }
  for (const name of ['fsync', 'synchronous_commit'] as const) {
    if (found[name] === 'off') {
      throw new UserError(`PostgreSQL runs with ${name} = off and may lose orders it confirmed; set ${name} = on`);
    }
  }
}
