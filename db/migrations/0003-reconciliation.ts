import { type Kysely, sql } from 'kysely';

/** What reconciling keeps: how far decisions are complete, what the account holds beyond the ledger, and since when. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createDecisionCoverage(db);
  await createAccountDifferences(db);
  // Orders given up although they may have been sent: few, looked for again and again.
  await sql`
    CREATE INDEX orders_given_up ON orders (account, deadline)
    WHERE status = 'expired' AND sending_at IS NOT NULL`.execute(db);
  await sql`
    CREATE INDEX ledger_adjustments_covers ON ledger_adjustments (account, market) WHERE kind = 'cover'`.execute(db);
}

/**
 * Stretches in which every stored candle has its decision, so that nobody has to look at them again. A candle stored
 * there later takes its minute out: it came late into a covered minute, or coverage was taken back before it came.
 * No foreign key: its check would wait for who decides, who may be waiting for who writes the `stale` decision.
 */
async function createDecisionCoverage(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE decision_coverage (
      account   text           NOT NULL,
      market    text           NOT NULL,
      timeframe text           NOT NULL,
      decided   tstzmultirange NOT NULL DEFAULT '{}',
      PRIMARY KEY (account, market, timeframe)
    )`.execute(db);
  await sql`
    CREATE FUNCTION reopen_uncovered() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE decision_coverage SET decided = decided - (OLD.covered - NEW.covered)
      WHERE market = NEW.market AND timeframe = NEW.timeframe;
      RETURN NULL;
    END $$`.execute(db);
  await sql`
    CREATE TRIGGER reopen_uncovered AFTER UPDATE OF covered ON candle_coverage
    FOR EACH ROW WHEN (NOT (OLD.covered <@ NEW.covered)) EXECUTE FUNCTION reopen_uncovered()`.execute(db);
  await sql`
    CREATE FUNCTION reopen_late() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE decision_coverage SET decided = decided - tstzmultirange(tstzrange(NEW.ts, NEW.ts + interval '1 minute'))
      WHERE market = NEW.market AND timeframe = NEW.timeframe;
      RETURN NULL;
    END $$`.execute(db);
  await sql`
    CREATE TRIGGER reopen_late AFTER INSERT ON candle_revisions
    FOR EACH ROW WHEN (NEW.kind = 'late') EXECUTE FUNCTION reopen_late()`.execute(db);
}

async function createAccountDifferences(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE account_comparisons (
      account      text        PRIMARY KEY,
      orders_until timestamptz,
      compared_at  timestamptz,
      market_time  timestamptz,
      outside      jsonb       NOT NULL DEFAULT '{}'
    )`.execute(db);
  await sql`
    CREATE TABLE account_differences (
      id                bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      account           text        NOT NULL,
      currency          text        NOT NULL,
      amount            numeric     NOT NULL,
      cause             text        NOT NULL CHECK (cause IN (
        'opening', 'deposit-or-withdrawal', 'hand-trade', 'fill-not-booked', 'order-not-in-ledger', 'unknown')),
      exchange_order_id text,
      detail            text        NOT NULL,
      market_time       timestamptz NOT NULL,
      at                timestamptz NOT NULL DEFAULT clock_timestamp(),
      FOREIGN KEY (account, exchange_order_id) REFERENCES foreign_orders (account, exchange_order_id),
      CONSTRAINT only_an_opening_is_zero CHECK (amount <> 0 OR cause = 'opening'),
      CONSTRAINT orders_are_named CHECK (
        (exchange_order_id IS NOT NULL) = (cause IN ('hand-trade', 'fill-not-booked', 'order-not-in-ledger')))
    )`.execute(db);
  await sql`
    CREATE UNIQUE INDEX one_opening_per_currency ON account_differences (account, currency)
    WHERE cause = 'opening'`.execute(db);
  await sql`CREATE INDEX account_differences_by_account ON account_differences (account, id)`.execute(db);
  await sql`
    CREATE TRIGGER keep_rows BEFORE UPDATE OR DELETE ON account_differences
    FOR EACH ROW EXECUTE FUNCTION refuse_change()`.execute(db);
  await sql`
    CREATE TRIGGER keep_table BEFORE TRUNCATE ON account_differences
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`.execute(db);
}
