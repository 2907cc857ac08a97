import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** A step in an order's life, as it was committed. */
export interface OrderStep {
  readonly identifier: string;
  readonly market: string;
  readonly side: 'bid' | 'ask';
  readonly status: string;
}

/** An order's row, as far as it is told. */
export interface OrderRow {
  readonly status: string;
  readonly exchange_order_id: string | null;
  readonly executed_quantity: string;
}

export interface OrderWatch {
  /** The next order to get this status, within a millisecond or so of the commit. Undefined when none does in time. */
  next(status: string, withinMs: number): Promise<OrderStep | undefined>;
  /** The status last announced of an order. */
  lastStatus(identifier: string): string | undefined;
  /** The row now; waits for a database that is restarting. */
  read(identifier: string): Promise<OrderRow | undefined>;
  /** Orders between their decision and their end. */
  countUnderWay(): Promise<number>;
  close(): Promise<void>;
}

const CHANNEL = 'durabit_demo_order';

/**
 * The bot needs no such trigger; it is how this program learns of a status the step it is committed, when a look at the
 * table every few milliseconds would mostly come too late. It changes nothing and tells nothing to the bot.
 */
const ANNOUNCE = `
  CREATE OR REPLACE FUNCTION durabit_demo_announce() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_notify('${CHANNEL}', json_build_object(
      'identifier', NEW.identifier, 'market', NEW.market, 'side', NEW.side, 'status', NEW.status)::text);
    RETURN NULL;
  END $$;
  CREATE OR REPLACE TRIGGER durabit_demo_announce AFTER INSERT OR UPDATE OF status ON orders
    FOR EACH ROW EXECUTE FUNCTION durabit_demo_announce()`;

const RECONNECT_MS = 50;
/** How long a read waits for a database that is restarting. */
const PATIENCE_MS = 20_000;

/** Watches the orders of a database that may be killed at any step: it connects again for as long as it is open. */
export function watchOrders(databaseUrl: string): OrderWatch {
  const waiting = new Set<{ readonly status: string; readonly resolve: (step: OrderStep) => void }>();
  const statuses = new Map<string, string>();
  let client: pg.Client | undefined;
  let announced = false;
  let closed = false;

  function told(payload: string): void {
    const step = JSON.parse(payload) as OrderStep;
    statuses.set(step.identifier, step.status);
    for (const one of [...waiting]) {
      if (one.status !== step.status) continue;
      waiting.delete(one);
      one.resolve(step);
    }
  }

  async function connect(): Promise<pg.Client | undefined> {
    const next = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'durabit-demo',
      connectionTimeoutMillis: 2_000,
    });
    const lost = new Promise<void>((resolve) => {
      // An error nobody listens to would end this program.
      next.on('error', () => resolve());
      next.on('end', () => resolve());
    });
    next.on('notification', ({ payload }) => payload !== undefined && told(payload));
    try {
      await next.connect();
      // Once is enough: the trigger is still there after a crash.
      if (!announced) await next.query(ANNOUNCE);
      announced = true;
      await next.query(`LISTEN ${CHANNEL}`);
    } catch {
      // Dead, or starting: tried again as often as it takes.
      await next.end().catch(() => undefined);
      return undefined;
    }
    client = next;
    lost.then(() => {
      if (client === next) client = undefined;
    });
    return next;
  }

  const keeping = (async () => {
    while (!closed) {
      if (client === undefined) await connect();
      await sleep(RECONNECT_MS);
    }
  })();

  async function query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        if (client !== undefined) return (await client.query<Row>(text, [...values])).rows;
      } catch (error) {
        if (performance.now() > giveUpAt) throw error;
      }
      if (closed || performance.now() > giveUpAt) throw new Error('the database did not come back');
      await sleep(RECONNECT_MS);
    }
  }

  return {
    async next(status, withinMs) {
      const { promise, resolve } = Promise.withResolvers<OrderStep | undefined>();
      const one = { status, resolve };
      waiting.add(one);
      const timer = setTimeout(() => resolve(undefined), withinMs);
      const step = await promise;
      clearTimeout(timer);
      waiting.delete(one);
      return step;
    },
    lastStatus: (identifier) => statuses.get(identifier),
    async read(identifier) {
      const [row] = await query<OrderRow & pg.QueryResultRow>(
        'SELECT status, exchange_order_id, executed_quantity FROM orders WHERE identifier = $1',
        [identifier],
      );
      return row;
    },
    async countUnderWay() {
      const text = "SELECT count(*)::int AS count FROM orders WHERE status IN ('intended', 'sending', 'open')";
      return (await query<{ count: number }>(text, []))[0]?.count ?? 0;
    },
    async close() {
      closed = true;
      await keeping;
      await client?.end().catch(() => undefined);
    },
  };
}
