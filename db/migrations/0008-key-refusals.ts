import { type Kysely, sql } from 'kysely';

/** That the exchange refuses the account's key, for as long as it does, one row for what it is refused for. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE key_refusals (
      account    text        NOT NULL,
      scope      text        NOT NULL CHECK (scope IN ('every call', 'balances', 'look-ups', 'orders')),
      reason     text        NOT NULL,
      meaning    text        NOT NULL,
      since      timestamptz NOT NULL,
      last_at    timestamptz NOT NULL,
      refusals   integer     NOT NULL,
      call       text        NOT NULL,
      identifier text,
      PRIMARY KEY (account, scope)
    )`.execute(db);
}
