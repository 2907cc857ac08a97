import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readJsonFile, writeJsonFile } from '../../process/json-file.ts';
import { identifyProcess, isAlive, type ProcessIdentity, signalProcess } from '../../process/process-identity.ts';

/** A process started for a data directory, written down so that the next start finds it if all its parents died. */
export interface RecordedProcess extends ProcessIdentity {
  readonly name: string;
  readonly stopSignal: NodeJS.Signals;
}

/** Writes a process down under its name in `pids/`. One that is already gone is not worth a file. */
export function recordProcess(dataDir: string, name: string, pid: number, stopSignal: NodeJS.Signals): void {
  const identity = identifyProcess(pid);
  if (identity === null) return;
  mkdirSync(join(dataDir, 'pids'), { recursive: true });
  writeJsonFile(fileOf(dataDir, name), { name, ...identity, stopSignal } satisfies RecordedProcess);
}

export function forgetProcess(dataDir: string, name: string): void {
  rmSync(fileOf(dataDir, name), { force: true });
}

/** Every process written down, whether it still runs or not. */
export function recordedProcesses(dataDir: string): RecordedProcess[] {
  return pidFiles(dataDir)
    .map((name) => recordedProcess(dataDir, name))
    .filter((process) => process !== null);
}

/** The process written down under this name, whether it still runs or not. */
export function recordedProcess(dataDir: string, name: string): RecordedProcess | null {
  const cure = 'end what is left of durabit on this directory by hand, then remove the file';
  return readJsonFile(fileOf(dataDir, name), isRecorded, cure);
}

/**
 * Ends a process without a parent: by its own stop signal, and by SIGKILL when it is not gone after `graceMs`.
 *
 * @returns whether there was one to end.
 */
export async function endProcess(orphan: Omit<RecordedProcess, 'name'>, graceMs = 10_000): Promise<boolean> {
  if (!signalProcess(orphan, orphan.stopSignal)) return false;
  const killAt = performance.now() + graceMs;
  for (let killed = false; isAlive(orphan); await pause(20)) {
    if (killed || performance.now() < killAt) continue;
    killed = true;
    signalProcess(orphan, 'SIGKILL');
  }
  return true;
}

/** Ends everything an earlier run has left behind, all at once, and returns the names of what there was. */
export async function endLeftovers(dataDir: string, graceMs?: number): Promise<string[]> {
  const ended = await Promise.all(
    recordedProcesses(dataDir).map(async (orphan) => {
      const ran = await endProcess(orphan, graceMs);
      forgetProcess(dataDir, orphan.name);
      return ran ? [orphan.name] : [];
    }),
  );
  return ended.flat();
}

function pidFiles(dataDir: string): string[] {
  try {
    return readdirSync(join(dataDir, 'pids'))
      .filter((file) => file.endsWith('.json'))
      .map((file) => basename(file, '.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function fileOf(dataDir: string, name: string): string {
  return join(dataDir, 'pids', `${name}.json`);
}

function isRecorded(value: unknown): value is RecordedProcess {
  const recorded = value as Partial<RecordedProcess> | null;
  return (
    typeof recorded === 'object' &&
    typeof recorded?.pid === 'number' &&
    typeof recorded.startTime === 'string' &&
    typeof recorded.name === 'string' &&
    typeof recorded.stopSignal === 'string'
  );
}
