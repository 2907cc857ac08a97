import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../../config/user-error.ts';
import { type OrderJson, orderFromJson, orderToJson } from '../../matching/ledger-json.ts';
import type { Order, OrderState } from '../../matching/order.ts';
import { openArchiveTables } from './archive-tables.ts';

/** Orders that are over, and identifiers that refusals used up: on disk, out of memory, never changed again. */
export interface OrderArchive {
  order(uuid: string): Order | undefined;
  orderNamed(identifier: string): Order | undefined;
  /** Whether an order or a refusal in here used it. */
  hasIdentifier(identifier: string): boolean;
  /** Those after a sequence, by sequence. Lazy: to be read to its end or left before anything else is asked. */
  since(sequence: number): Iterable<Order>;
  /** Those created in a window, in order of creation. Lazy as well. */
  created(wanted: CreationWindow): Iterable<Order>;
  burned(): readonly string[];
  /** How many orders it holds beside those of these sequences. @throws {UserError} when that cannot be read */
  othersThan(sequences: readonly number[]): number;
  /** Adds them, all or none; they are on disk when it resolves. What is there already is written again, the same. */
  add(orders: readonly Order[], burned: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface CreationWindow {
  /** Epoch ms of market time, both included. */
  readonly from: number;
  readonly to: number;
  /** Undefined: every market. */
  readonly market: string | undefined;
  readonly states: readonly string[];
  readonly newestFirst: boolean;
}

/** What the writing thread is sent. */
export interface ArchiveBatch {
  readonly orders: readonly {
    readonly sequence: number;
    readonly uuid: string;
    readonly createdAt: number;
    readonly market: string;
    readonly state: OrderState;
    readonly identifier: string | undefined;
    readonly json: string;
  }[];
  readonly burned: readonly string[];
}

/**
 * Opens the archive of a state folder. Its file and its thread come with the first that is added.
 *
 * @throws {UserError} when there is a file and it cannot be read.
 */
export function openOrderArchive(folder: string): OrderArchive {
  const path = join(folder, 'orders.sqlite');
  let reader = existsSync(path) ? readable(path, () => openReader(path)) : undefined;
  let writer: Worker | undefined;

  const openWriter = (): Worker => {
    const opened = startWriter(path);
    // One that failed is not asked again, nor waited for; the next batch gets a new one.
    opened.once('exit', () => {
      if (writer === opened) writer = undefined;
    });
    return opened;
  };
  return {
    order: (uuid) => reader?.order(uuid),
    orderNamed: (identifier) => reader?.orderNamed(identifier),
    hasIdentifier: (identifier) => reader?.hasIdentifier(identifier) ?? false,
    since: (sequence) => reader?.since(sequence) ?? [],
    created: (wanted) => reader?.created(wanted) ?? [],
    burned: () => reader?.burned() ?? [],
    othersThan: (sequences) => readable(path, () => reader?.othersThan(sequences) ?? 0),
    async add(orders, burned) {
      writer ??= openWriter();
      await answerOf(writer, { orders: orders.map(rowOf), burned });
      reader ??= openReader(path);
    },
    async close() {
      if (writer !== undefined) {
        writer.ref();
        const ended = once(writer, 'exit');
        writer.postMessage(null);
        await ended;
      }
      reader?.close();
    },
  };
}

function rowOf(order: Order): ArchiveBatch['orders'][number] {
  const { sequence, uuid, createdAt, state, request } = order;
  const { market, identifier } = request;
  return { sequence, uuid, createdAt, market, state, identifier, json: JSON.stringify(orderToJson(order)) };
}

function startWriter(path: string): Worker {
  const writer = new Worker(new URL('./archive-writer.ts', import.meta.url), { workerData: { path } });
  // Whoever waits for an answer hears of a failure; with nobody waiting it must not end the process.
  writer.on('error', () => undefined);
  // Nor keep it alive.
  writer.unref();
  return writer;
}

/** Resolves once the batch is on disk. @throws when the thread failed, with its fault */
async function answerOf(writer: Worker, batch: ArchiveBatch): Promise<void> {
  const answered = new AbortController();
  const { signal } = answered;
  writer.ref();
  try {
    writer.postMessage(batch);
    // `once` rejects by itself when the thread fails.
    await Promise.race([
      once(writer, 'message', { signal }),
      once(writer, 'exit', { signal }).then(([code]) => {
        throw new Error(`the archive's thread ended with ${code} before it answered`);
      }),
    ]);
  } finally {
    writer.unref();
    answered.abort();
  }
}

type Reader = Omit<OrderArchive, 'add' | 'close'> & { close(): void };

/** What there is from former runs, of which nobody knows yet that it can be read. @throws {UserError} */
function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UserError(`${path}: the paper exchange's archive of orders cannot be read (${(error as Error).message})`);
  }
}

function openReader(path: string): Reader {
  const database = openArchiveTables(path);
  const byUuid = database.prepare('SELECT json FROM orders WHERE uuid = ?');
  const byIdentifier = database.prepare(
    'SELECT json FROM identifiers JOIN orders USING (sequence) WHERE identifier = ?',
  );
  const identifiers = database.prepare('SELECT 1 FROM identifiers WHERE identifier = ?');
  const burned = database.prepare('SELECT identifier FROM identifiers WHERE sequence IS NULL');
  const bySequence = database.prepare('SELECT json FROM orders WHERE sequence > ? ORDER BY sequence');
  const others = database.prepare(
    'SELECT count(*) AS count FROM orders WHERE sequence NOT IN (SELECT value FROM json_each(?))',
  );
  const byCreation = (direction: 'ASC' | 'DESC') =>
    database.prepare(`
      SELECT json FROM orders
      WHERE created_at BETWEEN $from AND $to
        AND ($market IS NULL OR market = $market)
        AND state IN (SELECT value FROM json_each($states))
      ORDER BY created_at ${direction}, sequence ${direction}`);
  const [oldestFirst, newestFirst] = [byCreation('ASC'), byCreation('DESC')];
  return {
    order: (uuid) => orderOf(byUuid.get(uuid)),
    orderNamed: (identifier) => orderOf(byIdentifier.get(identifier)),
    hasIdentifier: (identifier) => identifiers.get(identifier) !== undefined,
    since: (sequence) => ordersOf(bySequence.iterate(sequence)),
    created({ from, to, market = null, states, newestFirst: isNewestFirst }) {
      const lists = isNewestFirst ? newestFirst : oldestFirst;
      return ordersOf(lists.iterate({ from, to, market, states: JSON.stringify(states) }));
    },
    burned: () => burned.all().map(({ identifier }) => String(identifier)),
    othersThan: (sequences) => Number(others.get(JSON.stringify(sequences))?.count),
    close: () => database.close(),
  };
}

type Row = Readonly<Record<string, unknown>>;

function orderOf(row: Row | undefined): Order | undefined {
  return row === undefined ? undefined : orderFromJson(JSON.parse(String(row.json)) as OrderJson);
}

function* ordersOf(rows: Iterable<Row>): Iterable<Order> {
  for (const row of rows) {
    const order = orderOf(row);
    if (order !== undefined) yield order;
  }
}
