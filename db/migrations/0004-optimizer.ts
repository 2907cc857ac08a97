import { type Kysely, sql } from 'kysely';

/** What searches for weights found, and which of it is traded on since when and why. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE optimizer_results (
      id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      market        text        NOT NULL,
      timeframe     text        NOT NULL,
      window_from   timestamptz NOT NULL,
      window_until  timestamptz NOT NULL,
      candles       integer     NOT NULL CHECK (candles > 0),
      decided       integer     NOT NULL CHECK (decided > 0 AND decided <= candles),
      empty_minutes integer     NOT NULL CHECK (empty_minutes >= 0),
      gap_before    tstzrange,
      space         text        NOT NULL,
      candidates    integer     NOT NULL,
      costs         jsonb       NOT NULL,
      params        jsonb       NOT NULL,
      metrics       jsonb       NOT NULL,
      out_of_sample jsonb,
      is_best       boolean     NOT NULL,
      recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
      CONSTRAINT window_has_length CHECK (window_from < window_until)
    )`.execute(db);
  // However often a search is repeated, its best is recorded once.
  await sql`
    CREATE UNIQUE INDEX one_best_per_search ON optimizer_results (market, timeframe, window_until, space)
    WHERE is_best`.execute(db);
  await sql`
    CREATE TABLE promotions (
      id               bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      account          text        NOT NULL,
      market           text        NOT NULL,
      timeframe        text        NOT NULL,
      optimizer_result bigint      REFERENCES optimizer_results (id),
      chosen_by        text        NOT NULL CHECK (chosen_by IN ('operator', 'in-sample', 'handed-back')),
      reason           text        NOT NULL,
      at               timestamptz NOT NULL DEFAULT clock_timestamp(),
      CONSTRAINT automatic_promotions_have_a_result CHECK (chosen_by <> 'in-sample' OR optimizer_result IS NOT NULL)
    )`.execute(db);
  await sql`CREATE INDEX promotions_newest ON promotions (account, market, timeframe, id DESC)`.execute(db);
  await sql`
    CREATE UNIQUE INDEX promoted_once ON promotions (account, optimizer_result)
    WHERE chosen_by = 'in-sample'`.execute(db);
  for (const table of ['optimizer_results', 'promotions']) {
    await sql`
      CREATE TRIGGER keep_rows BEFORE UPDATE OR DELETE ON ${sql.table(table)}
      FOR EACH ROW EXECUTE FUNCTION refuse_change()`.execute(db);
    await sql`
      CREATE TRIGGER keep_table BEFORE TRUNCATE ON ${sql.table(table)}
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`.execute(db);
  }
}
