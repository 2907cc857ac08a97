import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresService } from '../../cli/up/embedded-services.ts';
import { freePort } from '../../cli/up/ports.ts';
import { embeddedDatabaseUrl } from '../../cli/up/postgres-password.ts';
import { createService } from '../../cli/up/service.ts';
import { connectDatabase, type Db } from '../../db/connect.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import type { Bench } from './bench.ts';

/** An embedded PostgreSQL under the same keeper as that of `durabit up`; it ends with this process at the latest. */
export async function withBenchDatabase<Result>(bench: Bench, work: (db: Db) => Promise<Result>): Promise<Result> {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'durabit-bench-')));
  const port = await freePort();
  const log = (speaker: string, line: string) => bench.say(`${speaker}: ${line}`);
  const service = createService(postgresService({ dataDir, port }), { dataDir, log });
  try {
    await service.start();
    const db = connectDatabase(embeddedDatabaseUrl(dataDir, port), { applicationName: 'durabit-bench' });
    try {
      await migrateToLatest(db);
      return await work(db);
    } finally {
      await db.destroy();
    }
  } finally {
    await service.stop();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
  }
}
