import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../config/user-error.ts';
import type { LedgerEvent } from '../../matching/events.ts';
import { applyEvent, emptyLedger, type Ledger } from '../../matching/ledger.ts';
import { type LedgerJson, ledgerFromJson, ledgerToJson } from '../../matching/ledger-json.ts';
import { writeDurably } from './durable-file.ts';
import { openJournalFile } from './journal-file.ts';

/** One line of the journal: events that happened together, up to this market time (epoch ms). */
interface JournalLine {
  readonly number: number;
  readonly at: number;
  readonly events: readonly LedgerEvent[];
}

interface Snapshot {
  readonly lastLine: number;
  readonly at: number;
  readonly ledger: LedgerJson;
}

/** The ledger and where it is kept. */
export interface LedgerStore {
  readonly ledger: Ledger;
  /** Market time (epoch ms) up to which the ledger knew the market when it was opened; undefined when it is new. */
  readonly knownUntil: number | undefined;
  /**
   * Writes the events down as one line, then applies them. With `sync` they are on disk before this returns; without,
   * they survive the process but not the power, which will do for what the feed brings about again.
   */
  record(events: readonly LedgerEvent[], at: number, sync: boolean): void;
  close(at: number): void;
}

/**
 * Reads snapshot and journal of a folder, and starts the journal afresh behind a new snapshot. Lines are numbered, so
 * a death between writing the one and emptying the other counts nothing twice.
 */
export function openLedgerStore(folder: string, log: (line: string) => void): LedgerStore {
  const snapshotPath = join(folder, 'snapshot.json');
  const snapshot = readSnapshot(snapshotPath);
  const ledger = snapshot === undefined ? emptyLedger() : ledgerFromJson(snapshot.ledger);
  const { lines, file } = openJournalFile(join(folder, 'journal.jsonl'), log);

  let lastLine = snapshot?.lastLine ?? 0;
  let knownUntil = snapshot?.at;
  for (const line of lines as JournalLine[]) {
    if (line.number <= lastLine) continue;
    for (const event of line.events) applyEvent(ledger, event);
    lastLine = line.number;
    knownUntil = line.at;
  }

  const compact = (at: number): void => {
    writeDurably(snapshotPath, JSON.stringify({ lastLine, at, ledger: ledgerToJson(ledger) } satisfies Snapshot));
    file.clear();
  };
  if (lines.length > 0 && knownUntil !== undefined) compact(knownUntil);

  return {
    ledger,
    knownUntil,
    record(events, at, sync) {
      file.append({ number: lastLine + 1, at, events } satisfies JournalLine, sync);
      lastLine += 1;
      for (const event of events) applyEvent(ledger, event);
    },
    close(at) {
      compact(at);
      file.close();
    },
  };
}

function readSnapshot(path: string): Snapshot | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Snapshot;
  } catch {
    throw new UserError(`${path}: the paper exchange's snapshot is damaged`);
  }
}
