import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../../../config/user-error.ts';
import { syncFolder } from './durable-file.ts';
import { inTurns } from './in-turns.ts';

/** A file of JSON lines that only grows. */
interface JournalFile {
  /** Bytes in it. */
  readonly length: number;
  /** Adds one line, wholly or not at all. It survives the process at once, the power when it is {@link synced}. */
  append(line: unknown): void;
  /**
   * Resolves once every line so far is on disk; lines that come while the disk is at work share its next turn. When the
   * disk fails, it is not known what it holds: from then on nothing is added and nothing counts as synced.
   */
  synced(): Promise<void>;
  /** Forgets every line, once what they said is kept elsewhere. */
  clear(): void;
  close(): void;
}

/**
 * Opens the journal and reads what it holds. A last line without its line end was being written when the process died:
 * nobody was told of it, so it is dropped.
 *
 * @throws {UserError} when any other line cannot be read.
 */
export function openJournalFile(path: string, log: (line: string) => void): { lines: unknown[]; file: JournalFile } {
  const isNew = !existsSync(path);
  const bytes = isNew ? Buffer.alloc(0) : readFileSync(path);
  const wholeLength = bytes.lastIndexOf(0x0a) + 1;
  if (wholeLength < bytes.length) {
    log(`${path}: dropped ${bytes.length - wholeLength} bytes of a line that was cut off`);
  }
  const lines = bytes.toString('utf8', 0, wholeLength).split('\n').slice(0, -1).map(parseLine(path));
  const descriptor = openSync(path, 'a');
  if (wholeLength < bytes.length) ftruncateSync(descriptor, wholeLength);
  if (isNew) syncFolder(dirname(path));
  return { lines, file: journalFile(descriptor, wholeLength) };
}

function journalFile(descriptor: number, initialLength: number): JournalFile {
  let length = initialLength;
  let fault: Error | undefined;
  const sync = (): Promise<void> =>
    new Promise((resolve, reject) => {
      fdatasync(descriptor, (error) => {
        if (error === null) return resolve();
        fault = new Error('the disk failed to take the journal; restart to go on from what it holds', { cause: error });
        reject(fault);
      });
    });
  return {
    get length() {
      return length;
    },
    append(line) {
      if (fault !== undefined) throw fault;
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      try {
        if (writeSync(descriptor, bytes) !== bytes.length) throw new Error('the disk took only part of a journal line');
      } catch (error) {
        // A line nobody was told of must not be found by the next start.
        fault = new Error('the journal ends in a torn line that could not be taken back; restart to mend it');
        ftruncateSync(descriptor, length);
        fault = undefined;
        throw error;
      }
      length += bytes.length;
    },
    synced: inTurns(sync),
    clear() {
      ftruncateSync(descriptor, 0);
      // Already now: should the sync fail, the next line that is taken back must not be taken back to a length long gone.
      length = 0;
      fdatasyncSync(descriptor);
    },
    close: () => closeSync(descriptor),
  };
}

function parseLine(path: string): (text: string, index: number) => unknown {
  return (text, index) => {
    try {
      return JSON.parse(text);
    } catch {
      throw new UserError(`${path}:${index + 1}: this line of the paper exchange's journal is damaged`);
    }
  };
}
