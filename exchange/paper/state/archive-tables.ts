import { DatabaseSync } from 'node:sqlite';

/** How long one connection waits for the other, ms. */
const BUSY_MS = 10_000;

/** Opens the archive's database, new or not. Readers are not kept waiting by a writer. */
export function openArchiveTables(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_MS });
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS orders (
      sequence INTEGER PRIMARY KEY,
      uuid TEXT NOT NULL UNIQUE,
      created_at INTEGER NOT NULL,
      market TEXT NOT NULL,
      state TEXT NOT NULL,
      json TEXT NOT NULL
    ) STRICT;
    -- Lists in order of creation need no table row for what they leave out.
    CREATE INDEX IF NOT EXISTS orders_created ON orders (created_at, sequence, market, state);
    -- Without a sequence: used up by a refusal.
    CREATE TABLE IF NOT EXISTS identifiers (identifier TEXT PRIMARY KEY, sequence INTEGER) STRICT, WITHOUT ROWID;
  `);
  return database;
}
