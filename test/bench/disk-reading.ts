import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { BenchBot } from './bench-bot.ts';
import { withConnection } from './connection.ts';

/** What lies in a running bot's data directory at one moment, in bytes. */
export interface DiskReading {
  /** Wall instant, epoch ms. */
  readonly at: number;
  /** Allocated on disk, by part; PostgreSQL's log is a part of its own. */
  readonly allocated: Readonly<Record<DiskPart, number>>;
  /** Written to PostgreSQL's log since initdb; its files are reused, so this is not what it occupies. */
  readonly walWritten: number;
  /** Temporal's database as its readers see it: pages in use, whether still in SQLite's log or already in the file. */
  readonly temporalPages: number;
}

export const DISK_PARTS = ['postgres', 'postgres pg_wal', 'temporal', 'exchange', 'other'] as const;
export type DiskPart = (typeof DISK_PARTS)[number];

export async function readDisk({ dataDir, instance }: BenchBot): Promise<DiskReading> {
  const postgres = join(dataDir, 'postgres');
  const all = allocatedBelow(dataDir);
  const wal = allocatedBelow(join(postgres, 'pg_wal'));
  const named = {
    postgres: allocatedBelow(postgres) - wal,
    'postgres pg_wal': wal,
    temporal: allocatedBelow(join(dataDir, 'temporal')),
    exchange: allocatedBelow(join(dataDir, 'exchange')),
  };
  const other = all - Object.values(named).reduce((sum, bytes) => sum + bytes, 0);
  return {
    at: Date.now(),
    allocated: { ...named, other },
    walWritten: await walWritten(instance),
    temporalPages: pagesOf(join(dataDir, 'temporal', 'temporal.db')),
  };
}

function allocatedBelow(path: string): number {
  try {
    const stats = lstatSync(path);
    // A block is 512 bytes whatever the file system's own size is; Windows does not tell.
    const own = stats.blocks === undefined ? stats.size : stats.blocks * 512;
    if (!stats.isDirectory()) return own;
    return readdirSync(path).reduce((sum, entry) => sum + allocatedBelow(join(path, entry)), own);
  } catch (error) {
    // Both servers remove files while we look.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

async function walWritten(instance: BenchBot['instance']): Promise<number> {
  const { rows } = await withConnection(instance, (client) =>
    client.query<{ bytes: string }>("SELECT pg_current_wal_insert_lsn() - '0/0' AS bytes"),
  );
  return Number(rows[0]?.bytes);
}

function pagesOf(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const pragma = (name: string) => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
  } finally {
    database.close();
  }
}
