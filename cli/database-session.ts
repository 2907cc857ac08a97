import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../config/user-error.ts';
import { connectDatabase, type Db, databaseAddress } from '../db/connect.ts';
import { pendingMigrations } from '../db/migrate.ts';
import { type CommandContext, readyInstance, startCommand } from './context.ts';

/**
 * Runs `work` on the database the settings name, else on the running instance's, else on the embedded one of the data
 * directory, started for as long as this takes.
 *
 * @param needs.migrated false for the command that migrates
 * @throws {UserError} when there is no database, it cannot be reached, or its version is not the code's
 */
export async function withDatabase<T>(
  context: CommandContext,
  work: (db: Db) => Promise<T>,
  needs: { readonly migrated: boolean } = { migrated: true },
): Promise<T> {
  const url = context.settings.DATABASE_URL ?? readyInstance(context)?.databaseUrl;
  if (url !== undefined) return useDatabase(url, work, needs);
  if (!existsSync(join(context.dataDir, 'postgres'))) {
    throw new UserError(
      `nothing is stored in data directory ${context.dataDir} yet; start the bot with: ${startCommand(context.dataDir)}`,
    );
  }
  const { withEmbeddedDatabase } = await import('./up/embedded-database.ts');
  const { freePort } = await import('./up/ports.ts');
  return withEmbeddedDatabase(
    // Any free port: the configured one may be another running instance's.
    { dataDir: context.dataDir, port: await freePort(), command: 'a durabit command' },
    (embeddedUrl) => useDatabase(embeddedUrl, work, needs),
  );
}

async function useDatabase<T>(url: string, work: (db: Db) => Promise<T>, needs: { migrated: boolean }): Promise<T> {
  const db = connectDatabase(url, { applicationName: 'durabit-cli', maxConnections: 3 });
  try {
    if (needs.migrated) await requireMigrated(db, url);
    return await work(db);
  } finally {
    await db.destroy();
  }
}

async function requireMigrated(db: Db, url: string): Promise<void> {
  const pending = await pendingMigrations(db);
  if (pending.length > 0) {
    throw new UserError(
      `the database at ${databaseAddress(url)} lacks ${pending.join(', ')}; bring it up to date with: npx durabit migrate`,
    );
  }
}
