import pg from 'pg';
import { CANDLE_CHANNEL } from './candles.ts';

/** Wakes those who wait for a candle as soon as one is stored. */
export interface CandleListener {
  /** Resolves at the next stored candle of any market, or after `atMostMs`: look at the table then. */
  next(atMostMs: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Listens on a connection of its own; a pool's would be handed to others. When it breaks it is opened again, and
 * meanwhile those who wait look at the table by themselves, so a lost notification costs time and nothing else.
 */
export function listenForCandles(databaseUrl: string, onLost: (error: Error) => void): CandleListener {
  const waiting = new Set<() => void>();
  let client: pg.Client | undefined;
  let closed = false;

  async function connect(): Promise<void> {
    const fresh = new pg.Client({ connectionString: databaseUrl, application_name: 'durabit-candle-listener' });
    client = fresh;
    fresh.on('notification', () => {
      for (const wake of waiting) wake();
    });
    fresh.on('error', onLost);
    fresh.on('end', () => {
      if (!closed) setTimeout(reconnect, 250).unref();
    });
    await fresh.connect();
    await fresh.query(`LISTEN ${CANDLE_CHANNEL}`);
  }
  function reconnect(): void {
    if (closed) return;
    connect().catch((error: Error) => {
      onLost(error);
      setTimeout(reconnect, 1_000).unref();
    });
  }
  reconnect();

  return {
    next(atMostMs) {
      return new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, atMostMs);
        waiting.add(wake);
      });
    },
    async close() {
      closed = true;
      await client?.end();
    },
  };
}
