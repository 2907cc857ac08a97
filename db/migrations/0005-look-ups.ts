import { type Kysely, sql } from 'kysely';

/** Whose turn it is to be looked up singly, and the indexes that keep what is asked again and again from growing. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE order_look_ups (
      account       text        NOT NULL,
      name          text        NOT NULL,
      asked_at      timestamptz,
      unclear_since timestamptz,
      PRIMARY KEY (account, name)
    )`.execute(db);
  await sql`CREATE INDEX orders_by_decision ON orders (decision)`.execute(db);
  await sql`CREATE INDEX orders_by_deadline ON orders (account, deadline)`.execute(db);
  await sql`
    CREATE INDEX foreign_orders_resting ON foreign_orders (account, exchange_order_id)
    WHERE state IN ('wait', 'watch')`.execute(db);
}
