import { type Kysely, sql } from 'kysely';

/**
 * The ledger: whose money, what was decided, what was ordered, what came of it. Money is `numeric` without a scale, so
 * that nothing is ever rounded on its way in. Rows that say what happened are never changed or removed.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$`.execute(db);
  await createMarketAccounts(db);
  await createDecisions(db);
  await createOrders(db);
  await createLedgerEntries(db);
  await createEquityCurve(db);
}

async function keepForEver(db: Kysely<unknown>, table: string): Promise<void> {
  await sql`
    CREATE TRIGGER keep_rows BEFORE UPDATE OR DELETE ON ${sql.table(table)}
    FOR EACH ROW EXECUTE FUNCTION refuse_change()`.execute(db);
  await sql`
    CREATE TRIGGER keep_table BEFORE TRUNCATE ON ${sql.table(table)}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`.execute(db);
}

async function createMarketAccounts(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE settings (key text PRIMARY KEY, value text NOT NULL)`.execute(db);
  await sql`
    CREATE TABLE trading_state (
      account text        PRIMARY KEY,
      state   text        NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'reducing', 'halted')),
      reason  text,
      since   timestamptz NOT NULL DEFAULT clock_timestamp()
    )`.execute(db);
  await sql`
    CREATE TABLE market_accounts (
      account           text        NOT NULL,
      market            text        NOT NULL,
      cash              numeric     NOT NULL DEFAULT 0,
      reserved_cash     numeric     NOT NULL DEFAULT 0 CHECK (reserved_cash >= 0),
      quantity          numeric     NOT NULL DEFAULT 0,
      reserved_quantity numeric     NOT NULL DEFAULT 0 CHECK (reserved_quantity >= 0),
      cost              numeric     NOT NULL DEFAULT 0 CHECK (cost >= 0),
      realised_profit   numeric     NOT NULL DEFAULT 0,
      trading_since     timestamptz,
      PRIMARY KEY (account, market),
      CONSTRAINT reserved_cash_is_held CHECK (reserved_cash <= cash),
      CONSTRAINT reserved_coins_are_held CHECK (reserved_quantity <= quantity),
      CONSTRAINT no_cost_without_coins CHECK (quantity > 0 OR cost = 0)
    )`.execute(db);
}

async function createDecisions(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE decisions (
      id               bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      account          text        NOT NULL,
      market           text        NOT NULL,
      timeframe        text        NOT NULL,
      candle           timestamptz NOT NULL,
      trigger          text        NOT NULL,
      signals          jsonb,
      weights          jsonb,
      threshold        numeric,
      score            numeric,
      action           text        NOT NULL CHECK (action IN ('buy', 'sell', 'hold', 'blocked', 'stale')),
      reason           text        NOT NULL,
      input_hash       text,
      optimizer_result bigint,
      decided_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
      CONSTRAINT one_decision_per_candle UNIQUE (account, market, timeframe, candle, trigger),
      CONSTRAINT live_decisions_say_why CHECK (
        trigger <> 'candle' OR action IN ('stale', 'blocked')
        OR num_nulls(signals, weights, threshold, score, input_hash) = 0)
    )`.execute(db);
  await keepForEver(db, 'decisions');
}

async function createOrders(db: Kysely<unknown>): Promise<void> {
  // Filled from strategy/order-states.ts after every migration; while it is empty no order moves.
  await sql`
    CREATE TABLE order_transitions (
      from_status text NOT NULL,
      to_status   text NOT NULL,
      PRIMARY KEY (from_status, to_status)
    )`.execute(db);
  await sql`
    CREATE TABLE orders (
      id                bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      account           text        NOT NULL,
      identifier        text        NOT NULL UNIQUE,
      exchange_order_id text        UNIQUE,
      market            text        NOT NULL,
      leg               text        NOT NULL,
      side              text        NOT NULL CHECK (side IN ('bid', 'ask')),
      price             numeric     NOT NULL CHECK (price > 0),
      quantity          numeric     NOT NULL CHECK (quantity > 0),
      executed_quantity numeric     NOT NULL DEFAULT 0,
      fee_rate          numeric     NOT NULL CHECK (fee_rate >= 0),
      paid_fee          numeric     NOT NULL DEFAULT 0,
      reserved_cash     numeric     NOT NULL CHECK (reserved_cash >= 0),
      reserved_quantity numeric     NOT NULL CHECK (reserved_quantity >= 0),
      status            text        NOT NULL,
      status_reason     text,
      request           jsonb       NOT NULL,
      deadline          timestamptz NOT NULL,
      decision          bigint      REFERENCES decisions (id),
      created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
      sending_at        timestamptz,
      settled_at        timestamptz,
      FOREIGN KEY (account, market) REFERENCES market_accounts (account, market),
      CONSTRAINT executed_at_most_whole CHECK (executed_quantity BETWEEN 0 AND quantity)
    )`.execute(db);
  await sql`
    CREATE UNIQUE INDEX one_order_in_flight ON orders (account, market)
    WHERE status IN ('intended', 'sending', 'open')`.execute(db);
  await sql`
    CREATE INDEX orders_unfinished ON orders (account, market)
    WHERE status IN ('intended', 'sending', 'open', 'unknown')`.execute(db);
  await sql`CREATE INDEX orders_by_time ON orders (account, market, created_at)`.execute(db);
  await guardOrders(db);
}

/** Orders start as `intended`, move along `order_transitions` only, and what was decided about them never changes. */
async function guardOrders(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE FUNCTION guard_order() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'intended' OR NEW.exchange_order_id IS NOT NULL OR NEW.executed_quantity <> 0 THEN
          RAISE EXCEPTION 'order % does not start as intended', NEW.identifier USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
      END IF;
      IF (NEW.id, NEW.account, NEW.identifier, NEW.market, NEW.leg, NEW.side, NEW.price, NEW.quantity, NEW.fee_rate,
          NEW.request, NEW.deadline, NEW.created_at)
         IS DISTINCT FROM
         (OLD.id, OLD.account, OLD.identifier, OLD.market, OLD.leg, OLD.side, OLD.price, OLD.quantity, OLD.fee_rate,
          OLD.request, OLD.deadline, OLD.created_at)
         OR NEW.decision IS DISTINCT FROM OLD.decision
         OR (OLD.exchange_order_id IS NOT NULL AND NEW.exchange_order_id IS DISTINCT FROM OLD.exchange_order_id)
         OR NEW.executed_quantity < OLD.executed_quantity THEN
        RAISE EXCEPTION 'what order % is never changes', OLD.identifier USING ERRCODE = 'restrict_violation';
      END IF;
      IF NEW.status <> OLD.status AND NOT EXISTS (
        SELECT FROM order_transitions WHERE from_status = OLD.status AND to_status = NEW.status
      ) THEN
        RAISE EXCEPTION 'order % cannot move from % to %', OLD.identifier, OLD.status, NEW.status
          USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$`.execute(db);
  await sql`
    CREATE TRIGGER guard_order BEFORE INSERT OR UPDATE ON orders
    FOR EACH ROW EXECUTE FUNCTION guard_order()`.execute(db);
  await sql`
    CREATE TRIGGER keep_rows BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION refuse_change()`.execute(db);
  await sql`
    CREATE TRIGGER keep_table BEFORE TRUNCATE ON orders
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`.execute(db);
}

async function createLedgerEntries(db: Kysely<unknown>): Promise<void> {
  // One counter for all entries: writers hold their market's row, so that within a market ids are the order in which
  // entries were booked, which a rebuild needs for the cost of partial sales.
  await sql`CREATE SEQUENCE ledger_entry`.execute(db);
  await sql`
    CREATE TABLE cash_flows (
      id        bigint      DEFAULT nextval('ledger_entry') PRIMARY KEY,
      account   text        NOT NULL,
      market    text        NOT NULL,
      kind      text        NOT NULL CHECK (kind IN ('allocate', 'withdraw', 'adopt', 'adjust')),
      cash      numeric     NOT NULL DEFAULT 0,
      quantity  numeric     NOT NULL DEFAULT 0,
      cost      numeric     NOT NULL DEFAULT 0,
      note      text        NOT NULL,
      reference text,
      at        timestamptz NOT NULL DEFAULT clock_timestamp(),
      FOREIGN KEY (account, market) REFERENCES market_accounts (account, market),
      CONSTRAINT one_flow_per_reference UNIQUE (account, reference)
    )`.execute(db);
  await sql`
    CREATE TABLE trades (
      id                bigint      DEFAULT nextval('ledger_entry') PRIMARY KEY,
      account           text        NOT NULL,
      order_id          bigint      NOT NULL REFERENCES orders (id),
      exchange_trade_id text        NOT NULL UNIQUE,
      executed_at       timestamptz NOT NULL,
      price             numeric     NOT NULL CHECK (price > 0),
      quantity          numeric     NOT NULL CHECK (quantity > 0),
      funds             numeric     NOT NULL CHECK (funds > 0),
      fee               numeric     NOT NULL CHECK (fee >= 0)
    )`.execute(db);
  await sql`
    CREATE TABLE ledger_adjustments (
      id              bigint      DEFAULT nextval('ledger_entry') PRIMARY KEY,
      account         text        NOT NULL,
      market          text        NOT NULL,
      order_id        bigint      REFERENCES orders (id),
      kind            text        NOT NULL CHECK (kind IN ('fee-difference', 'cover')),
      cash            numeric     NOT NULL DEFAULT 0,
      quantity        numeric     NOT NULL DEFAULT 0,
      cost            numeric     NOT NULL DEFAULT 0,
      realised_profit numeric     NOT NULL DEFAULT 0,
      cause           text        NOT NULL,
      at              timestamptz NOT NULL DEFAULT clock_timestamp(),
      FOREIGN KEY (account, market) REFERENCES market_accounts (account, market)
    )`.execute(db);
  await sql`
    CREATE TABLE foreign_orders (
      account           text        NOT NULL,
      exchange_order_id text        NOT NULL,
      identifier        text,
      market            text        NOT NULL,
      side              text        NOT NULL CHECK (side IN ('bid', 'ask')),
      state             text        NOT NULL,
      executed_quantity numeric     NOT NULL DEFAULT 0,
      executed_funds    numeric     NOT NULL DEFAULT 0,
      paid_fee          numeric     NOT NULL DEFAULT 0,
      classified_as     text        CHECK (classified_as IN ('by-hand', 'other-program')),
      note              text,
      first_seen        timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (account, exchange_order_id)
    )`.execute(db);
  await sql`CREATE INDEX trades_by_order ON trades (order_id)`.execute(db);
  await sql`CREATE INDEX trades_by_account ON trades (account, id)`.execute(db);
  await sql`CREATE INDEX cash_flows_by_account ON cash_flows (account, id)`.execute(db);
  await sql`CREATE INDEX ledger_adjustments_by_account ON ledger_adjustments (account, id)`.execute(db);
  await sql`CREATE INDEX ledger_adjustments_by_order ON ledger_adjustments (order_id)`.execute(db);
  for (const table of ['cash_flows', 'trades', 'ledger_adjustments']) await keepForEver(db, table);
}

async function createEquityCurve(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE equity_curve (
      account  text        NOT NULL,
      market   text        NOT NULL,
      at       timestamptz NOT NULL,
      cash     numeric     NOT NULL,
      quantity numeric     NOT NULL,
      price    numeric     NOT NULL,
      equity   numeric     NOT NULL,
      PRIMARY KEY (account, market, at)
    )`.execute(db);
}
