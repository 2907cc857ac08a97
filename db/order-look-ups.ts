import { sql } from 'kysely';
import type { Db } from './connect.ts';

/**
 * Chooses who is looked up singly in this look: all where they are few, else those whose last turn was longest ago, so
 * that the ones nothing comes of keep nobody else from a turn.
 *
 * @param names identifiers or exchange order ids
 */
export async function takeTurns(
  db: Db,
  account: string,
  names: readonly string[],
  most: number,
): Promise<readonly string[]> {
  if (names.length <= most) return names;
  const { rows } = await sql<{ name: string }>`
    INSERT INTO order_look_ups (account, name, asked_at)
    SELECT ${account}, due.name, clock_timestamp() FROM (
      SELECT one.name FROM unnest(${[...names]}::text[]) WITH ORDINALITY AS one (name, place)
      LEFT JOIN order_look_ups l ON l.account = ${account} AND l.name = one.name
      ORDER BY l.asked_at NULLS FIRST, one.place LIMIT ${most}
    ) due
    ON CONFLICT (account, name) DO UPDATE SET asked_at = excluded.asked_at
    RETURNING name`.execute(db);
  return rows.map(({ name }) => name);
}

/**
 * Notes that a look-up told nothing that can be believed yet.
 *
 * @returns for how long that has been so, wall milliseconds by the database's clock; 0 the first time
 */
export async function noteUnclear(db: Db, account: string, name: string): Promise<number> {
  const { rows } = await sql<{ ms: number }>`
    INSERT INTO order_look_ups AS l (account, name, unclear_since) VALUES (${account}, ${name}, clock_timestamp())
    ON CONFLICT (account, name) DO UPDATE SET unclear_since = coalesce(l.unclear_since, excluded.unclear_since)
    RETURNING (extract(epoch FROM greatest(clock_timestamp() - unclear_since, '0')) * 1000)::float8 AS ms`.execute(db);
  return rows[0]?.ms ?? 0;
}

/** Notes that the answer was believed, or is waited for no longer. */
export async function noteClear(db: Db, account: string, name: string): Promise<void> {
  await sql`
    UPDATE order_look_ups SET unclear_since = NULL
    WHERE account = ${account} AND name = ${name} AND unclear_since IS NOT NULL`.execute(db);
}
