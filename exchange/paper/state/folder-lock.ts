import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../../../config/user-error.ts';

const heldHere = new Set<string>();

/**
 * Makes the folder and claims it for this process. A claim left by a process that died is taken over; process ids come
 * back, so a claim also names when its process started where the system tells (`/proc`).
 *
 * @returns what gives the folder free again.
 * @throws {UserError} when a live process holds it.
 */
export function lockFolder(folder: string): () => void {
  const path = resolve(folder, 'lock');
  try {
    mkdirSync(folder, { recursive: true });
    if (!heldHere.has(path)) removeStale(path);
    writeFileSync(path, claimOf(process.pid), { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      const holder = readClaim(path)?.split(' ')[0] ?? 'unknown';
      throw new UserError(`state folder ${folder} is in use by another paper exchange (process ${holder})`);
    }
    throw new UserError(`state folder ${folder} cannot be used (${code ?? error})`);
  }
  heldHere.add(path);
  return () => {
    heldHere.delete(path);
    rmSync(path, { force: true });
  };
}

function removeStale(path: string): void {
  const claim = readClaim(path);
  if (claim === undefined) return;
  const pid = Number(claim.split(' ')[0]);
  // Without this, the first process of a container would take its predecessor's claim for its own.
  const alive = pid !== process.pid && isAlive(pid) && claim === claimOf(pid);
  if (!alive) rmSync(path, { force: true });
}

function readClaim(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Process id and start time; the latter is field 22 of `/proc/<pid>/stat`, counted after the name in parentheses. */
function claimOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return `${pid} -`;
  }
}
