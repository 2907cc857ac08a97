import { type Kysely, sql } from 'kysely';

/**
 * How the exchange's streams stand, as those who listen last said. Unlogged, because it is written every few seconds and
 * worth nothing after a crash: no commit of it waits for the disk, which is the ledger's.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE UNLOGGED TABLE stream_reports (
      stream       text        PRIMARY KEY CHECK (stream IN ('prices', 'orders')),
      state        text        NOT NULL CHECK (state IN ('connecting', 'connected', 'cut', 'ended')),
      since        timestamptz NOT NULL,
      reason       text,
      last_news_at timestamptz,
      gaps_healed  integer     NOT NULL,
      reported_at  timestamptz NOT NULL
    )`.execute(db);
}
