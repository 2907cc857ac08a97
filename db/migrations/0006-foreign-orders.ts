import { type Kysely, sql } from 'kysely';

/** Until when somebody's word on an order of others covers it, and since when the ledger tells of one after all. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE foreign_orders ADD COLUMN classified_at timestamptz, ADD COLUMN booked_at timestamptz`.execute(db);
  await sql`
    UPDATE foreign_orders SET classified_at = clock_timestamp() WHERE classified_as IS NOT NULL`.execute(db);
}
