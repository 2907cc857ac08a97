import pg from 'pg';
import { CANDLE_CHANNEL } from './candles.ts';

/** Pause before a broken connection is opened again. */
const RECONNECT_AFTER_MS = 500;

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
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  async function connect(): Promise<void> {
    const fresh = new pg.Client({ connectionString: databaseUrl, application_name: 'durabit-candle-listener' });
    client = fresh;
    fresh.on('notification', () => {
      for (const wake of waiting) wake();
    });
    fresh.on('error', onLost);
    fresh.on('end', connectSoon);
    await fresh.connect();
    await fresh.query(`LISTEN ${CANDLE_CHANNEL}`);
  }
  /** A connection that fails says so twice, by its rejection and by its end: one new one is enough. */
  function connectSoon(): void {
    if (closed || retry !== undefined) return;
    retry = setTimeout(() => {
      retry = undefined;
      connect().catch(connectSoon);
    }, RECONNECT_AFTER_MS).unref();
  }
  connect().catch(connectSoon);

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
      clearTimeout(retry);
      await client?.end();
    },
  };
}
