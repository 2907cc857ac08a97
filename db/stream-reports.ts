import { type Selectable, sql } from 'kysely';
import type { Db } from './connect.ts';
import type { StreamReportsTable } from './schema.ts';

/** What an exchange tells by itself: the collector hears of prices, the trader of orders. */
export type StreamName = StreamReportsTable['stream'];

/** How a stream stands, told by who listens to it; ages in milliseconds, so that only the database's clock counts. */
export interface StreamStanding {
  /** `ended`: the exchange does not want us, and it is not tried again. */
  readonly state: StreamReportsTable['state'];
  /** For how long it has stood so. */
  readonly forMs: number;
  /** Why it is cut or ended; else null. */
  readonly reason: string | null;
  /** How long ago something was told last; null before the first time. */
  readonly lastNewsMs: number | null;
  /** How often something may have been missed, and was asked for instead, since it was first connected. */
  readonly gapsHealed: number;
}

/** Writes down how a stream stands just now. Where two processes listen, the last one to write is read. */
export async function reportStreamStanding(db: Db, stream: StreamName, standing: StreamStanding): Promise<void> {
  const { state, forMs, reason, lastNewsMs, gapsHealed } = standing;
  await sql`
    INSERT INTO stream_reports (stream, state, since, reason, last_news_at, gaps_healed, reported_at)
    SELECT ${stream}, ${state}, now - ${forMs}::float8 * interval '1 millisecond', ${reason}::text,
           now - ${lastNewsMs}::float8 * interval '1 millisecond', ${gapsHealed}::integer, now
    FROM (SELECT clock_timestamp() AS now) AS clock
    ON CONFLICT (stream) DO UPDATE
    SET state = excluded.state, since = excluded.since, reason = excluded.reason,
        last_news_at = excluded.last_news_at, gaps_healed = excluded.gaps_healed,
        reported_at = excluded.reported_at`.execute(db);
}

/** Where nobody listens any more. */
export async function removeStreamReport(db: Db, stream: StreamName): Promise<void> {
  await db.deleteFrom('stream_reports').where('stream', '=', stream).execute();
}

export type StreamReport = Selectable<StreamReportsTable> & {
  /** Nobody has reported for so long that nothing is known of it now. */
  readonly stale: boolean;
};

/** Prices first. A report from ahead of the clock, which was set back, is as little worth as an old one. */
export async function readStreamReports(db: Db, staleAfterMs: number): Promise<readonly StreamReport[]> {
  return db
    .selectFrom('stream_reports')
    .selectAll()
    .select(
      sql<boolean>`reported_at NOT BETWEEN clock_timestamp() - ${staleAfterMs}::float8 * interval '1 millisecond'
        AND clock_timestamp()`.as('stale'),
    )
    .orderBy('stream', 'desc')
    .execute();
}
