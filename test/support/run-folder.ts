import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess } from '../../process/process-identity.ts';

const MEMORY = '/dev/shm';
/** Many times what a run has lying about at any time. */
const ROOM = 4 * 2 ** 30;
const NAME = 'durabit-test-run-';

/**
 * A folder for everything that the tests of this run write, removed at its end. In memory where there is room, because
 * much of a run is waiting for the disk: a database is dropped in 10 ms there and in 40 to 150 elsewhere. What is
 * killed finds all it wrote either way; only a power cut could tell.
 */
export function openRunFolder(): { readonly path: string; remove(): void } {
  const inMemory = process.env.TMPDIR === undefined && hasRoom();
  const folder = inMemory ? join(MEMORY, `${NAME}${process.pid}`) : mkdtempSync(join(tmpdir(), NAME));
  if (inMemory) {
    removeLeftovers();
    mkdirSync(folder);
  }
  // The user that PostgreSQL runs as must come through; each folder in it is its owner's alone.
  chmodSync(folder, 0o711);
  const path = realpathSync(folder);
  // For the test processes and all that they start.
  process.env.TMPDIR = path;
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function hasRoom(): boolean {
  if (process.platform !== 'linux' || !existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return Math.min(bavail * bsize, process.availableMemory()) > ROOM;
}

/** Of runs that were killed: memory would be lost until the next start of the machine. */
function removeLeftovers(): void {
  for (const name of readdirSync(MEMORY)) {
    if (!name.startsWith(NAME) || identifyProcess(Number(name.slice(NAME.length))) !== null) continue;
    rmSync(join(MEMORY, name), { recursive: true, force: true });
  }
}
