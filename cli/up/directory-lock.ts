import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { UserError } from '../../config/user-error.ts';
import { readJsonFile } from './json-file.ts';
import { identifyProcess, isAlive, type ProcessIdentity } from './process-identity.ts';

interface LockHolder extends ProcessIdentity {
  readonly command: string;
  readonly since: string;
  /** Of a command that is done within a second or two: worth waiting for. */
  readonly brief: boolean;
}

const PATIENCE_MS = 10_000;

/**
 * Takes the data directory for this process and returns how to give it back. A lock whose holder was killed is
 * recognised by pid and start time and taken over.
 *
 * @param who.command who asks, for the message another process gets: `durabit up`.
 * @param who.brief whether others may wait for it.
 * @throws {UserError} naming the holder when another process has it.
 */
export async function lockDirectory(
  directory: string,
  who: { readonly command: string; readonly brief: boolean },
): Promise<() => void> {
  const path = join(directory, 'lock.json');
  const self = identifyProcess(process.pid);
  if (self === null) throw new Error(`cannot tell when process ${process.pid} started`);
  const mine: LockHolder = { ...self, ...who, since: new Date().toISOString() };

  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    if (claim(path, mine)) return () => rmSync(path, { force: true });
    const holder = readHolder(path);
    if (holder !== null && !isAlive(holder)) removeStale(path, holder);
    else if (holder !== null && (!holder.brief || Date.now() >= giveUpAt)) {
      throw new UserError(
        `data directory ${directory} is in use by ${holder.command} (pid ${holder.pid}, started ${holder.since}); ` +
          'stop it or choose another with --data-dir',
      );
    } else await pause(50);
  }
}

/** A hard link appears with its whole content or not at all, and only one of two claimants gets it. */
function claim(path: string, mine: LockHolder): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(mine)}\n`);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Two processes may find the same stale lock: the slower one must not remove what the faster one has put there. */
function removeStale(path: string, stale: LockHolder): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved !== null && (moved.pid !== stale.pid || moved.startTime !== stale.startTime)) linkSync(aside, path);
  rmSync(aside, { force: true });
}

function readHolder(path: string): LockHolder | null {
  return readJsonFile(path, isHolder, `if no durabit runs on this directory, remove the file`);
}

function isHolder(value: unknown): value is LockHolder {
  const holder = value as Partial<LockHolder> | null;
  return typeof holder === 'object' && typeof holder?.pid === 'number' && typeof holder.startTime === 'string';
}
