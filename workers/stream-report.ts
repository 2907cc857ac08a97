import type { Db } from '../db/connect.ts';
import {
  removeStreamReport,
  reportStreamStanding,
  type StreamName,
  type StreamStanding,
} from '../db/stream-reports.ts';
import { plainWords } from './plain-words.ts';

/** Wall time. What is older than a few of these is stale: `cli/status/read-stored.ts`. */
const EVERY_MS = 5_000;
/** Longer words of somebody else's are cut. */
const LONGEST_REASON = 600;

/**
 * Keeps in the database how a stream stands, for `durabit status`, which is another process. Nobody waits for it: one
 * write at a time, of a table whose commits do not wait for the disk; what cannot be written is said once and tried again.
 *
 * @param standing left out where nobody listens: what was reported before is removed
 */
export function reportStream(
  db: Db,
  {
    stream,
    standing,
    say,
  }: {
    readonly stream: StreamName;
    readonly standing: (() => StreamStanding) | undefined;
    /** A line for the operator. */
    readonly say: (line: string) => void;
  },
  everyMs: number = EVERY_MS,
): { close(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let isFailing = false;
  const report = async (): Promise<void> => {
    try {
      const told = standing?.();
      if (told === undefined) await removeStreamReport(db, stream);
      else {
        const reason = told.reason === null ? null : plainWords(told.reason, LONGEST_REASON);
        await reportStreamStanding(db, stream, { ...told, reason });
      }
      isFailing = false;
      if (standing === undefined) return;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!isFailing) say(`durabit status is not told how the stream of ${stream} stands: ${why}`);
      isFailing = true;
    }
    if (!isClosed) timer = setTimeout(begin, everyMs);
  };
  let current: Promise<void> = Promise.resolve();
  const begin = (): void => {
    current = report();
  };
  begin();
  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await current;
    },
  };
}
