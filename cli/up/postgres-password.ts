import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../config/user-error.ts';

/** The embedded server's one role and its database. */
export const POSTGRES_ROLE = 'durabit';

/** The address of a data directory's embedded database. Mints the password when there is none yet. */
export function embeddedDatabaseUrl(dataDir: string, port: number): string {
  return `postgres://${POSTGRES_ROLE}:${postgresPassword(dataDir)}@127.0.0.1:${port}/${POSTGRES_ROLE}`;
}

/**
 * The password of the embedded server, kept in `postgres-password`, readable by its owner only.
 *
 * @throws {UserError} when it is lost although the cluster exists.
 */
export function postgresPassword(dataDir: string): string {
  const path = join(dataDir, 'postgres-password');
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const cluster = join(dataDir, 'postgres');
  if (existsSync(join(cluster, 'PG_VERSION'))) {
    throw new UserError(`${path} is missing, so ${cluster} cannot be opened; restore it or choose another --data-dir`);
  }
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600, flush: true });
  try {
    // Whoever links first has minted it, even when two processes ask at once.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(path, 'utf8').trim();
}
