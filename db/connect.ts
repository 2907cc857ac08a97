import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from './schema.ts';

export type Db = Kysely<Database>;

export interface ConnectOptions {
  /** Shown in `pg_stat_activity`: who of ours is connected. */
  readonly applicationName: string;
  readonly maxConnections?: number;
  /** Told, maybe twice, when a connection breaks, as when the server restarts; the pool opens a new one by itself. */
  readonly onConnectionLost?: (error: Error) => void;
}

/**
 * A process that stands still in the middle of a transaction (stopped, swapped out, its machine gone) keeps the rows it
 * has locked: nobody could halt trading, or end an order, before it goes on. The server ends such a transaction after
 * this long. Ours compute for milliseconds between two statements.
 */
const STANDSTILL_MS = 5_000;

/** A pool of connections. Nothing is opened before the first query; call `destroy()` at the end. */
export function connectDatabase(url: string, options: ConnectOptions): Db {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: options.applicationName,
    max: options.maxConnections ?? 5,
    connectionTimeoutMillis: 5_000,
    idle_in_transaction_session_timeout: STANDSTILL_MS,
  });
  // Without a listener a broken connection would end the process: an idle one tells the pool, one in the middle of a
  // transaction only itself (seen when PostgreSQL was killed during a migration).
  const lost = (error: Error): void => options.onConnectionLost?.(error);
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  const named = {
    connect: () =>
      pool.connect().catch((error: unknown) => {
        throw isConnectionFailure(error) ? new DatabaseUnavailable(url, error) : error;
      }),
    end: () => pool.end(),
    options: pool.options,
  };
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: named }) });
}

/** PostgreSQL could not be reached, or is starting up or shutting down. Names the address, never the password. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
  constructor(url: string, cause: unknown) {
    const why = (cause as NodeJS.ErrnoException).code ?? (cause instanceof Error ? cause.message : String(cause));
    super(
      `PostgreSQL at ${databaseAddress(url)} cannot be reached (${why}). Is it running, and is DATABASE_URL right?`,
      {
        cause,
      },
    );
  }
}

/** Host, port and database of a connection string, without its password: fit for a message. */
export function databaseAddress(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

/** Whether `error` means that PostgreSQL could not be reached at all, or is starting up or shutting down. */
export function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof DatabaseUnavailable) return true;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return (
    ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', '57P01', '57P02', '57P03'].includes(code) ||
    /Connection terminated|timeout exceeded when trying to connect|connection error and is not queryable/.test(
      error.message,
    )
  );
}
