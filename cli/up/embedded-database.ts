import { openDataDirectory } from './data-directory.ts';
import { postgresService } from './embedded-services.ts';
import { endLeftovers } from './pid-files.ts';
import { checkPorts } from './ports.ts';
import { embeddedDatabaseUrl } from './postgres-password.ts';
import { createService } from './service.ts';
import { createServiceLog } from './service-log.ts';

/**
 * Runs the embedded PostgreSQL for one short command while nothing else runs on the data directory: starts it, lets
 * `use` read, stops it.
 *
 * @param options.command as another process is told who has the directory: `durabit orders`.
 */
export async function withEmbeddedDatabase<T>(
  options: { readonly dataDir: string; readonly port: number; readonly command: string },
  use: (databaseUrl: string) => Promise<T>,
): Promise<T> {
  const directory = await openDataDirectory(options.dataDir, { command: options.command, brief: true });
  const context = { dataDir: directory.path, log: createServiceLog(['postgres']) };
  const postgres = createService(postgresService({ dataDir: directory.path, port: options.port }), context);
  // Ended by a signal, this process takes nothing with it but the lock: the keeper stops the server by itself.
  try {
    await endLeftovers(directory.path);
    await checkPorts([{ port: options.port, purpose: 'the embedded PostgreSQL', setting: 'POSTGRES_PORT' }]);
    const databaseUrl = embeddedDatabaseUrl(directory.path, options.port);
    await postgres.start();
    return await use(databaseUrl);
  } finally {
    await postgres.stop();
    directory.release();
  }
}
