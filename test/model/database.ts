import { PGlite } from '@electric-sql/pglite';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Db } from '../../db/connect.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import type { Database } from '../../db/schema.ts';
import { DriverSocket } from '../support/driver-socket.ts';

/** What migrations write once. */
const KEPT = ['kysely_migration', 'kysely_migration_lock', 'order_transitions'];

/** A commit at which the connection breaks and the process with it: it reaches PostgreSQL no more. */
export interface Cut {
  /** Which commit from now on, from 1. */
  readonly commit: number;
  /** Whether PostgreSQL still gets it. */
  readonly when: 'before' | 'after';
}

/** PostgreSQL in this process, spoken to by the real driver. One session: one connection at a time. */
export interface ModelDatabase {
  /** As a process that starts now is connected. */
  readonly db: Db;
  /** The next calls run into it, unless they commit less often. */
  breakAt(cut: Cut): void;
  /** What was not committed is gone, and so is the connection. Takes back what `breakAt` asked for. */
  restart(): Promise<void>;
  /** As new, for the next history. */
  empty(): Promise<void>;
  /** Keeps what is committed now. One at a time. */
  backUp(): Promise<void>;
  /** Puts back what was kept last. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function openModelDatabase(): Promise<ModelDatabase> {
  const postgres = await PGlite.create();
  // Planning the same few statements again is most of what PostgreSQL does here: each is prepared once for all.
  const prepared: Record<string, string> = {};
  const names = new Map<string, string>();
  let emptied = 0;
  let cut: { left: number; readonly when: Cut['when'] } | undefined;

  const takeCut = (message: Buffer): Cut['when'] | undefined => {
    if (cut?.left === 0) return 'before';
    if (cut === undefined || !message.includes('commit\0')) return undefined;
    cut.left -= 1;
    return cut.left === 0 ? cut.when : undefined;
  };

  const connect = (): Db => {
    const pool = new pg.Pool({ max: 1, stream: () => new Socket(postgres, takeCut) as never });
    pool.on('error', () => undefined);
    pool.on('connect', (client) => {
      client.on('error', () => undefined);
      (client as unknown as { connection: { parsedStatements: unknown } }).connection.parsedStatements = prepared;
    });
    const named = {
      connect: async () => {
        const client = await pool.connect();
        return {
          query: ((text: string, values: unknown[]) => {
            if (!/^\s*(select|insert|update|with)/i.test(text)) return client.query(text);
            const name = names.get(text) ?? `s${names.size + 1}`;
            names.set(text, name);
            return client.query({ name, text, values });
          }) as never,
          release: () => client.release(),
        };
      },
      end: () => pool.end(),
      options: pool.options,
    };
    return new Kysely<Database>({ dialect: new PostgresDialect({ pool: named }) });
  };

  let db = connect();
  await migrateToLatest(db);
  await postgres.exec('SET plan_cache_mode = force_generic_plan; SET synchronous_commit = off; SET jit = off');
  const listed = async (sql: string) => (await postgres.query<{ name: string }>(sql)).rows.map(({ name }) => name);
  const tables = (
    await listed(`SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`)
  ).filter((name) => !KEPT.includes(name));
  const sequences = await listed(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace`,
  );
  await postgres.exec(`CREATE SCHEMA backup; CREATE TABLE backup.counters (name text, last bigint, called boolean);
    ${tables.map((name) => `CREATE TABLE backup.${name} AS TABLE ${name}`).join('; ')}`);
  // Functions keep their plans. The ledger's tables refuse to be emptied, so their triggers are kept quiet.
  const define = (name: string, statements: readonly string[]) =>
    postgres.exec(`CREATE FUNCTION backup.${name}() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica
      AS $$ BEGIN ${statements.join('; ')}; END $$`);
  await define('take', [
    ...tables.flatMap((name) => [`DELETE FROM backup.${name}`, `INSERT INTO backup.${name} SELECT * FROM ${name}`]),
    'DELETE FROM backup.counters',
    ...sequences.map((name) => `INSERT INTO backup.counters SELECT '${name}', last_value, is_called FROM ${name}`),
  ]);
  await define('put_back', [
    ...tables.flatMap((name) => [
      `DELETE FROM ${name}`,
      `INSERT INTO ${name} OVERRIDING SYSTEM VALUE SELECT * FROM backup.${name}`,
    ]),
    'PERFORM setval(name::regclass, last, called) FROM backup.counters',
  ]);
  await define('clear', [
    ...tables.map((name) => `DELETE FROM ${name}`),
    ...sequences.map((name) => `PERFORM setval('${name}', 1, false)`),
  ]);
  // Removing few rows takes a tenth of the time of this, but leaves them lying about.
  await define(
    'sweep',
    tables.flatMap((name) => [`TRUNCATE ${name} CASCADE`, `TRUNCATE backup.${name}`]),
  );

  return {
    get db() {
      return db;
    },
    breakAt: ({ commit, when }) => {
      cut = { left: commit, when };
    },
    async restart() {
      cut = undefined;
      await db.destroy();
      db = connect();
    },
    async empty() {
      emptied += 1;
      await postgres.exec(
        emptied % 200 === 0 ? 'SELECT backup.sweep(); SELECT backup.clear()' : 'SELECT backup.clear()',
      );
    },
    async backUp() {
      await postgres.exec('SELECT backup.take()');
    },
    async restore() {
      await db.destroy();
      await postgres.exec('SELECT backup.put_back()');
      db = connect();
    },
    async close() {
      await db.destroy();
      await postgres.close();
    },
  };
}

const QUERY = 'Q'.charCodeAt(0);
const SYNC = 'S'.charCodeAt(0);
const FLUSH = 'H'.charCodeAt(0);

/** Reaches the one session, at whose commits it can break. */
class Socket extends DriverSocket {
  // A statement is prepared by messages of its own, which end with a flush.
  protected override readonly wantAnswer = new Set([QUERY, SYNC, FLUSH]);
  readonly #postgres: PGlite;
  readonly #strike: (message: Buffer) => Cut['when'] | undefined;
  #inTransaction = false;

  constructor(postgres: PGlite, strike: (message: Buffer) => Cut['when'] | undefined) {
    super();
    this.#postgres = postgres;
    this.#strike = strike;
  }

  connect(): this {
    process.nextTick(() => this.hear('connect'));
    return this;
  }

  protected request(message: Buffer): void {
    const struck = this.#strike(message);
    if (struck === 'before') {
      this.break(connectionReset());
      return;
    }
    const answer = Buffer.from(this.#postgres.execProtocolRawSync(message));
    this.#inTransaction = String.fromCharCode(answer.at(-1) ?? 0) !== 'I';
    if (struck === 'after') this.break(connectionReset());
    else process.nextTick(() => this.hear('data', answer));
  }

  protected closed(): void {
    if (this.#inTransaction) this.#postgres.execProtocolRawSync(simpleQuery('rollback'));
  }

  /** What closes it from this side is no error to the driver. */
  override destroy(): this {
    return this.break();
  }
}

function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}

function simpleQuery(text: string): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt8(QUERY, 0);
  head.writeUInt32BE(text.length + 5, 1);
  return Buffer.concat([head, Buffer.from(`${text}\0`)]);
}
