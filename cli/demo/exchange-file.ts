import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Identifiers of all orders that the paper exchange ever accepted, from its own files and not through its code: the
 * archive, the snapshot, and what the journal has beyond it. To be read when the exchange has ended.
 *
 * @param stateDir the exchange's folder
 */
export function readAcceptedIdentifiers(stateDir: string): string[] {
  const snapshotFile = join(stateDir, 'snapshot.json');
  const snapshot = existsSync(snapshotFile) ? JSON.parse(readFileSync(snapshotFile, 'utf8')) : undefined;
  const found: (string | undefined)[] = [
    ...archivedIdentifiers(join(stateDir, 'orders.sqlite')),
    ...(snapshot?.ledger.orders ?? []).map(identifierOf),
  ];
  const lines = readFileSync(join(stateDir, 'journal.jsonl'), 'utf8').split('\n').slice(0, -1);
  for (const line of lines) {
    const { number, events } = JSON.parse(line);
    if (number <= (snapshot?.lastLine ?? 0)) continue;
    for (const event of events) if (event.type === 'accepted') found.push(identifierOf(event));
  }
  // An order that had just reached the archive is in the journal as well.
  return [...new Set(found)].filter((identifier) => identifier !== undefined);
}

function archivedIdentifiers(path: string): string[] {
  if (!existsSync(path)) return [];
  const database = new DatabaseSync(path);
  try {
    const used = database.prepare('SELECT identifier FROM identifiers WHERE sequence IS NOT NULL ORDER BY sequence');
    return used.all().map(({ identifier }) => String(identifier));
  } finally {
    database.close();
  }
}

function identifierOf({ request }: { readonly request: { readonly identifier?: string } }): string | undefined {
  return request.identifier;
}
