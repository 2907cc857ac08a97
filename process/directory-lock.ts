import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { UserError } from '../config/user-error.ts';
import { readJsonFile } from './json-file.ts';
import { identifyProcess, isAlive, type ProcessIdentity } from './process-identity.ts';

interface LockHolder extends ProcessIdentity {
  readonly command: string;
  readonly since: string;
  /** Of a command that is done within a second or two: worth waiting for. */
  readonly brief: boolean;
}

const PATIENCE_MS = 10_000;

export interface Claimant {
  /** Who asks, for the message another process gets: `durabit up`. */
  readonly command: string;
  /** Whether others may wait for it. */
  readonly brief: boolean;
  /** What the directory is called in that message, and what its cure is. */
  readonly kind?: { readonly name: string; readonly option: string };
}

const DATA_DIRECTORY = { name: 'data directory', option: '--data-dir' };

/**
 * Takes a directory for this process and returns how to give it back. A lock whose holder was killed is recognised by
 * pid and start time and taken over.
 *
 * @throws {UserError} naming the holder when another process has it.
 */
export async function lockDirectory(directory: string, who: Claimant): Promise<() => void> {
  const path = join(directory, 'lock.json');
  const self = identifyProcess(process.pid);
  if (self === null) throw new Error(`cannot tell when process ${process.pid} started`);
  const { command, brief, kind = DATA_DIRECTORY } = who;
  const mine: LockHolder = { ...self, command, brief, since: new Date().toISOString() };

  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    if (claim(path, mine)) return () => rmSync(path, { force: true });
    const holder = readHolder(path);
    if (holder !== null && !isAlive(holder)) removeStale(path, holder);
    else if (holder !== null && (!holder.brief || performance.now() >= giveUpAt)) {
      throw new UserError(
        `${kind.name} ${directory} is in use by ${holder.command} (pid ${holder.pid}, started ${holder.since}); ` +
          `stop it or choose another with ${kind.option}`,
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
  if (moved !== null && (moved.pid !== stale.pid || moved.startTime !== stale.startTime)) putBack(aside, path);
  rmSync(aside, { force: true });
}

/** What was moved aside was a live claim after all. Should a third process have claimed meanwhile, say so loudly. */
function putBack(aside: string, path: string): void {
  try {
    linkSync(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UserError(`three processes wanted ${path} in the same moment; start again`);
  }
}

function readHolder(path: string): LockHolder | null {
  return readJsonFile(path, isHolder, `if no durabit runs on this directory, remove the file`);
}

function isHolder(value: unknown): value is LockHolder {
  const holder = value as Partial<LockHolder> | null;
  return typeof holder === 'object' && typeof holder?.pid === 'number' && typeof holder.startTime === 'string';
}
