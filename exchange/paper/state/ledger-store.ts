import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../config/user-error.ts';
import type { LedgerEvent } from '../../matching/events.ts';
import { applyEvent, emptyLedger, type Ledger } from '../../matching/ledger.ts';
import { type LedgerJson, ledgerFromJson, ledgerToJson } from '../../matching/ledger-json.ts';
import { writeDurably } from './durable-file.ts';
import { openJournalFile } from './journal-file.ts';
import { type OrderArchive, openOrderArchive } from './order-archive.ts';
import { type RetirementSize, retireOrders, USUAL_RETIREMENT } from './retire-orders.ts';

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
  /** Where orders are that are over and have left the ledger. */
  readonly archive: OrderArchive;
  /** Market time (epoch ms) up to which the ledger knew the market when it was opened; undefined when it is new. */
  readonly knownUntil: number | undefined;
  /**
   * Writes the events down as one line, then applies them: they survive the process. With `sync` {@link kept} waits for
   * the disk, without which only the power can take them; that will do for what the feed brings about again.
   */
  record(events: readonly LedgerEvent[], at: number, sync: boolean): void;
  /**
   * Resolves once everything recorded with `sync` is on disk; nobody may be told of it before. Rejects for ever when the
   * disk has failed.
   */
  kept(): Promise<void>;
  close(at: number): Promise<void>;
}

interface LedgerStoreOptions {
  readonly retirement?: RetirementSize | undefined;
  /** Bytes of the journal from which a snapshot takes its place. */
  readonly longestJournal?: number;
}

/** Some 20,000 orders: a start reads them in about a second, and a snapshot of 20 ms comes seldom. */
const LONGEST_JOURNAL = 16_000_000;

/**
 * Reads snapshot and journal of a folder, and starts the journal afresh behind a new snapshot. Lines are numbered, so
 * a death between writing the one and emptying the other counts nothing twice.
 *
 * @throws {UserError} when a file is damaged, or orders are missing
 */
export function openLedgerStore(
  folder: string,
  log: (line: string) => void,
  { retirement = USUAL_RETIREMENT, longestJournal = LONGEST_JOURNAL }: LedgerStoreOptions = {},
): LedgerStore {
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

  let compactFrom = longestJournal;
  const compact = (at: number): void => {
    writeDurably(snapshotPath, JSON.stringify({ lastLine, at, ledger: ledgerToJson(ledger) } satisfies Snapshot));
    file.clear();
    compactFrom = longestJournal;
  };
  const compactLongJournal = (at: number): void => {
    if (file.length < compactFrom) return;
    try {
      compact(at);
    } catch (error) {
      // The journal still says everything; a full disk may have room again by the next try.
      compactFrom = file.length + longestJournal;
      log(`paper exchange: the snapshot of the ledger: ${error instanceof Error ? error.message : error}`);
    }
  };
  if (lines.length > 0 && knownUntil !== undefined) compact(knownUntil);

  const archive = openOrderArchive(folder);
  requireEveryOrder(folder, ledger, archive);
  const retiring = retireOrders(ledger, archive, { ...retirement, synced: file.synced, log });
  let kept = Promise.resolve();

  return {
    ledger,
    archive,
    knownUntil,
    record(events, at, sync) {
      file.append({ number: lastLine + 1, at, events } satisfies JournalLine);
      lastLine += 1;
      if (sync) {
        kept = file.synced();
        // Whoever answers waits for it and hears of a fault; what nobody waits for must not end the process.
        kept.catch(() => undefined);
      }
      for (const event of events) applyEvent(ledger, event);
      retiring.noted(events);
      compactLongJournal(at);
    },
    kept: () => kept,
    async close(at) {
      await retiring.stop();
      await kept.catch(() => undefined);
      await archive.close();
      compact(at);
      file.close();
    },
  };
}

/** An archive that was lost or is of another day would let identifiers be used again: an order could be sent twice. */
function requireEveryOrder(folder: string, ledger: Ledger, archive: OrderArchive): void {
  const held = [...ledger.orders.values()].map(({ sequence }) => sequence);
  const known = held.length + archive.othersThan(held);
  if (known === ledger.lastSequence) return;
  throw new UserError(
    `state folder ${folder} has taken ${ledger.lastSequence} orders, and orders.sqlite, snapshot.json and journal.jsonl ` +
      `hold ${known} together; restore all of them from one copy or use another folder`,
  );
}

function readSnapshot(path: string): Snapshot | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Snapshot;
  } catch {
    throw new UserError(`${path}: the paper exchange's snapshot is damaged`);
  }
}
