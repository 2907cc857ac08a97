import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJsonFile, writeJsonFile } from '../../process/json-file.ts';
import type { Pauses } from '../../schedules/pauses.ts';

/**
 * How often what is paused is looked at. What was paused within this time of a loss of Temporal's database is not known
 * afterwards; a look takes about 10 ms.
 */
const LOOK_EVERY_MS = 2_000;

/** Schedules that were paused when last seen on this data directory; null where nobody has looked yet. */
export function readKeptPauses(dataDir: string): Pauses | null {
  const cure = 'delete it; then schedules that Temporal has lost begin unpaused';
  const kept = readJsonFile(fileOf(dataDir), isRecordOfText, cure);
  return kept === null ? null : new Map(Object.entries(kept));
}

/**
 * Notes in the data directory what is paused, until `signal`: a pause is kept by Temporal alone, and would be gone with
 * its database.
 *
 * @param look what is paused now; undefined, or a failure, where Temporal cannot say: then what was seen before stands
 */
export async function keepPauses(
  dataDir: string,
  look: () => Promise<Pauses | undefined>,
  signal: AbortSignal,
): Promise<void> {
  let noted: string | undefined;
  while (!signal.aborted) {
    // Temporal is away for a while when it is restarted, which its own log tells of.
    const pauses = await look().catch(() => undefined);
    const seen = pauses === undefined ? noted : JSON.stringify([...pauses]);
    if (pauses !== undefined && seen !== noted && !signal.aborted) {
      try {
        writeJsonFile(fileOf(dataDir), Object.fromEntries(pauses));
        noted = seen;
      } catch (error) {
        console.error(`cannot note which schedules are paused: ${(error as Error).message}`);
      }
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'pauses.json');
}

function isRecordOfText(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((one) => typeof one === 'string')
  );
}
