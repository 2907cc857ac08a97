import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** An order's row. Amounts are decimal text. */
export interface LedgerOrder {
  readonly identifier: string;
  readonly exchange_order_id: string | null;
  readonly market: string;
  readonly side: 'bid' | 'ask';
  readonly status: string;
  readonly status_reason: string | null;
  readonly executed_quantity: string;
  readonly paid_fee: string;
  readonly reserved_cash: string;
  readonly reserved_quantity: string;
}

export interface LedgerTrade {
  readonly identifier: string;
  readonly exchange_trade_id: string;
  readonly price: string;
  readonly quantity: string;
  readonly funds: string;
  readonly fee: string;
}

/** A status an order was given, or a time it was about to be sent again; wall time, epoch ms. */
export interface OrderStep {
  readonly identifier: string;
  readonly market: string;
  readonly status: string;
  readonly at: number;
}

export interface MarketMoney {
  readonly market: string;
  readonly cash: string;
  readonly quantity: string;
  readonly reserved_cash: string;
  readonly reserved_quantity: string;
  /** What cash flows brought. */
  readonly flow_cash: string;
  readonly flow_quantity: string;
  /** What had to be put in for an order whose money had been given away. */
  readonly covers: number;
  /** Corrections by what the exchange took as fee. */
  readonly fee_adjustments: string;
}

export interface LedgerDecision {
  readonly market: string;
  readonly action: string;
  /** The order that is not found, where it waits for one. */
  readonly waitsFor: string | null;
  /** Wall time, epoch ms. */
  readonly at: number;
}

/** In the reason of a decision that waits for an order which is not found: its identifier (PostgreSQL's expressions). */
export const WAITS_FOR = 'order (\\S+) is still unknown';

/** What the database says, read by SQL of this harness alone. */
export interface LedgerRecord {
  readonly botId: string;
  readonly orders: readonly LedgerOrder[];
  readonly trades: readonly LedgerTrade[];
  readonly steps: readonly OrderStep[];
  readonly money: readonly MarketMoney[];
  readonly decisions: readonly LedgerDecision[];
  /** Changes on the account that the bot itself noted, beyond what it opened with. */
  readonly noted: readonly string[];
}

export interface LedgerReader {
  read(): Promise<LedgerRecord>;
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

const RETRY_MS = 100;
/** How long a read waits for a database that is restarting. */
const PATIENCE_MS = 30_000;

/**
 * The bot needs no such table; it is how this harness knows what was committed when, long after it has changed. Times
 * are taken as the row is written, a moment before its commit.
 */
const KEEP_STEPS = `
  CREATE TABLE IF NOT EXISTS chaos_order_steps (
    identifier text NOT NULL, market text NOT NULL, status text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp());
  CREATE OR REPLACE FUNCTION chaos_note_step() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'INSERT' OR (OLD.status, OLD.sending_at) IS DISTINCT FROM (NEW.status, NEW.sending_at) THEN
      INSERT INTO chaos_order_steps (identifier, market, status) VALUES (NEW.identifier, NEW.market, NEW.status);
    END IF;
    RETURN NULL;
  END $$;
  CREATE OR REPLACE TRIGGER chaos_note_step AFTER INSERT OR UPDATE ON orders
    FOR EACH ROW EXECUTE FUNCTION chaos_note_step()`;

/** Reads a database that may be killed at any moment. */
export async function openLedgerReader(databaseUrl: string): Promise<LedgerReader> {
  async function query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const client = new pg.Client({
        connectionString: databaseUrl,
        application_name: 'durabit-chaos',
        connectionTimeoutMillis: 2_000,
      });
      // An error nobody listens to would end this program.
      client.on('error', () => undefined);
      try {
        await client.connect();
        return (await client.query<Row>(text, [...values])).rows;
      } catch (error) {
        if (!isInterruption(error) || performance.now() > giveUpAt) throw error;
      } finally {
        await client.end().catch(() => undefined);
      }
      await sleep(RETRY_MS);
    }
  }
  await query(KEEP_STEPS);

  return {
    query,
    async read() {
      const [settings] = await query<{ value: string }>("SELECT value FROM settings WHERE key = 'bot_id'");
      return {
        botId: settings?.value ?? '',
        orders: await query<LedgerOrder>(`
          SELECT identifier, exchange_order_id, market, side, status, status_reason, executed_quantity::text,
            paid_fee::text, reserved_cash::text, reserved_quantity::text FROM orders ORDER BY id`),
        trades: await query<LedgerTrade>(`
          SELECT o.identifier, t.exchange_trade_id, t.price::text, t.quantity::text, t.funds::text, t.fee::text
          FROM trades t JOIN orders o ON o.id = t.order_id ORDER BY t.id`),
        steps: await query<OrderStep>(`
          SELECT identifier, market, status, extract(epoch FROM at)::float8 * 1000 AS at
          FROM chaos_order_steps ORDER BY at`),
        money: await query<MarketMoney>(`
          SELECT m.market, m.cash::text, m.quantity::text, m.reserved_cash::text, m.reserved_quantity::text,
            coalesce(f.cash, 0)::text AS flow_cash, coalesce(f.quantity, 0)::text AS flow_quantity,
            coalesce(a.covers, 0)::int AS covers, coalesce(a.fees, 0)::text AS fee_adjustments
          FROM market_accounts m
          LEFT JOIN (SELECT market, sum(cash) AS cash, sum(quantity) AS quantity FROM cash_flows GROUP BY market) f
            USING (market)
          LEFT JOIN (SELECT market, count(*) FILTER (WHERE kind = 'cover') AS covers,
              sum(cash) FILTER (WHERE kind = 'fee-difference') AS fees FROM ledger_adjustments GROUP BY market) a
            USING (market)
          ORDER BY m.market`),
        decisions: await query<LedgerDecision>(`
          SELECT market, action, CASE action WHEN 'blocked' THEN substring(reason FROM '${WAITS_FOR}') END AS "waitsFor",
            extract(epoch FROM decided_at)::float8 * 1000 AS at
          FROM decisions WHERE action <> 'stale' ORDER BY decided_at`),
        noted: (
          await query<{ line: string }>(`
            SELECT currency || ' ' || amount || ': ' || detail AS line FROM account_differences WHERE cause <> 'opening'`)
        ).map(({ line }) => line),
      };
    },
  };
}

/** The server is gone, going or coming. */
function isInterruption(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const restarting = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P01', '57P02', '57P03'].includes(code);
  return restarting || /Connection terminated|not queryable|timeout|starting up|shutting down/.test(message);
}
