import { type Selectable, sql } from 'kysely';
import type { Db } from './connect.ts';
import type { KeyRefusalsTable } from './schema.ts';

/** What a key is refused for: everything, or what needs one of its permissions. */
export type KeyScope = KeyRefusalsTable['scope'];

/** That the exchange refuses a key, told by who asks it; ages in milliseconds, so that only the database's clock counts. */
export interface KeyRefusal extends Pick<KeyRefusalsTable, 'scope' | 'reason' | 'meaning' | 'call' | 'identifier'> {
  readonly forMs: number;
  readonly lastMs: number;
  /** How many came since they were last written down. */
  readonly more: number;
}

/**
 * Writes down what the key of an account is refused for just now; what it is not refused for any more is removed. A
 * refusal that stood before is as old as it was: a worker that starts again does not know since when.
 */
export async function writeKeyRefusals(db: Db, account: string, refusals: readonly KeyRefusal[]): Promise<void> {
  await sql`
    WITH standing AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(refusals)}::jsonb)
        AS r (scope text, reason text, meaning text, call text, identifier text, "forMs" float8, "lastMs" float8, more int)
    ), over AS (
      DELETE FROM key_refusals WHERE account = ${account} AND scope NOT IN (SELECT scope FROM standing)
    )
    INSERT INTO key_refusals AS k (account, scope, reason, meaning, since, last_at, refusals, call, identifier)
    SELECT ${account}, scope, reason, meaning, now - "forMs" * interval '1 millisecond',
           now - "lastMs" * interval '1 millisecond', more, call, identifier
    FROM standing, (SELECT clock_timestamp() AS now) AS clock
    ON CONFLICT (account, scope) DO UPDATE
    SET reason = excluded.reason, meaning = excluded.meaning, since = least(k.since, excluded.since),
        last_at = excluded.last_at, refusals = k.refusals + excluded.refusals, call = excluded.call,
        identifier = excluded.identifier`.execute(db);
}

export type KeyRefusalRow = Selectable<KeyRefusalsTable>;

/** The widest first; none where the key is accepted. */
export async function readKeyRefusals(db: Db, account: string): Promise<readonly KeyRefusalRow[]> {
  return db
    .selectFrom('key_refusals')
    .selectAll()
    .where('account', '=', account)
    .orderBy(sql`scope <> 'every call'`)
    .orderBy('scope')
    .execute();
}
