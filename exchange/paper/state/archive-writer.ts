import { parentPort, workerData } from 'node:worker_threads';
import { openArchiveTables } from './archive-tables.ts';
import type { ArchiveBatch } from './order-archive.ts';

/**
 * The thread that writes the archive: 250 orders are some 7 ms of work and a turn of the disk, which no request should
 * wait for. Answers each batch when it is on disk; null ends it.
 */
if (parentPort === null) throw new Error('state/archive-writer.ts is a thread of the paper exchange, no program');
const port = parentPort;
const database = openArchiveTables((workerData as { readonly path: string }).path);
// What a start after a kill brings again is the same as before.
const insertOrder = database.prepare('INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?, ?)');
const insertIdentifier = database.prepare('INSERT OR REPLACE INTO identifiers VALUES (?, ?)');

port.on('message', (batch: ArchiveBatch | null) => {
  if (batch === null) {
    database.close();
    port.close();
    return;
  }
  database.exec('BEGIN IMMEDIATE');
  for (const { sequence, uuid, createdAt, market, state, identifier, json } of batch.orders) {
    insertOrder.run(sequence, uuid, createdAt, market, state, json);
    if (identifier !== undefined) insertIdentifier.run(identifier, sequence);
  }
  for (const identifier of batch.burned) insertIdentifier.run(identifier, null);
  database.exec('COMMIT');
  port.postMessage('kept');
});
