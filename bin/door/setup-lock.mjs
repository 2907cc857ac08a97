import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupFault } from './fault.mjs';
import { identify, isRunning } from './process-identity.mjs';

const PREFIX = '.setup-lock-';
const HEARTBEAT_MS = 5_000;
const SILENT_MS = 60_000;
const LITTER_MS = 24 * 3_600_000;

/** @typedef {import('./process-identity.mjs').ProcessIdentity} ProcessIdentity */
/** @typedef {ProcessIdentity & { id: string, host: string }} Holder */

/**
 * @typedef {object} SetupLock
 * @property {(pid: number) => void} noteWorker a program that works on the holder's behalf; the lock is not stale while it runs
 */

/**
 * Runs `work` while no other process does its set-up in the same cache folder.
 *
 * The lock is a folder that is moved into place with its holder's name already inside, so it is never seen without
 * one. The lock of a dead process is moved aside to a name made from that holder: of several processes that found it
 * stale only the first can do so, and none can move the lock its successor has taken meanwhile.
 *
 * @template T
 * @param {string} cache
 * @param {{ signal: AbortSignal, say: (text: string) => void, pollMs?: number }} context
 * @param {(lock: SetupLock) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withSetupLock(cache, { signal, say, pollMs = 300 }, work) {
  const lock = join(cache, '.setup-lock');
  const self = identify(process.pid);
  /** @type {Holder} */
  const holder = { id: randomUUID(), pid: process.pid, started: self?.started ?? 'unknown', host: hostname() };
  const own = join(cache, `${PREFIX}${holder.id}`);
  sweepLitter(cache);
  mkdirSync(own);
  writeFileSync(join(own, 'holder.json'), JSON.stringify(holder));

  try {
    let waitingFor = '';
    while (!moved(own, lock)) {
      signal.throwIfAborted();
      const present = readHolder(lock);
      if (present === undefined) {
        if (!existsSync(own)) throw new SetupFault(`${cache} was removed while durabit was setting up; start again.`);
        await sleep(10);
      } else if (isStale(lock, present)) {
        if (moved(lock, join(cache, `${PREFIX}${present.id}-dead`))) {
          say(`taking over the set-up that process ${present.pid} left unfinished.`);
        }
      } else {
        if (waitingFor !== present.id) {
          say(`process ${present.pid} is setting up; waiting for it to finish.`);
          waitingFor = present.id;
        }
        await sleep(pollMs, undefined, { signal });
      }
    }
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    throw error;
  }

  const heartbeat = setInterval(() => beat(lock), HEARTBEAT_MS);
  try {
    return await work({
      noteWorker: (pid) => writeFileSync(join(lock, 'worker.json'), JSON.stringify(identify(pid) ?? null)),
    });
  } finally {
    clearInterval(heartbeat);
    // Moved before it is removed, so that a half-removed lock is never seen; and only if it is still ours: a machine
    // that slept through its heartbeats has lost it.
    if (readHolder(lock)?.id === holder.id && moved(lock, own)) rmSync(own, { recursive: true, force: true });
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
function moved(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
    // The target is taken, or the source has gone.
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(code)) return false;
    // Windows' words for a taken target.
    if (process.platform === 'win32' && ['EPERM', 'EACCES'].includes(code)) return false;
    throw error;
  }
}

/** @param {string} lock */
function beat(lock) {
  try {
    utimesSync(join(lock, 'holder.json'), new Date(), new Date());
  } catch {
    // Someone removed the cache folder; the step under way fails with the better message.
  }
}

/**
 * @param {string} lock
 * @returns {Holder | undefined}
 */
function readHolder(lock) {
  try {
    return JSON.parse(readFileSync(join(lock, 'holder.json'), 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) return undefined;
    // A power cut can leave an empty file; nobody alive holds such a lock, since the name is written before the move.
    const folder = statSync(lock, { throwIfNoEntry: false });
    return folder && { id: `unreadable-${folder.ino}`, pid: 0, started: '', host: hostname() };
  }
}

/**
 * @param {string} lock
 * @param {Holder} holder
 */
function isStale(lock, holder) {
  try {
    // Process ids of another machine or container mean nothing here; its heartbeat does.
    if (holder.host !== hostname()) return Date.now() - statSync(join(lock, 'holder.json')).mtimeMs > SILENT_MS;
    if (isRunning(holder)) return false;
    const worker = readWorker(lock);
    return worker === null || !isRunning(worker);
  } catch {
    return false;
  }
}

/**
 * @param {string} lock
 * @returns {ProcessIdentity | null}
 */
function readWorker(lock) {
  try {
    return JSON.parse(readFileSync(join(lock, 'worker.json'), 'utf8'));
  } catch {
    return null;
  }
}

/** Folders of lock holders and waiters that were killed; kept for a day because they also bar a second take-over. */
/** @param {string} cache */
function sweepLitter(cache) {
  for (const name of readdirSync(cache)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(cache, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > LITTER_MS) rmSync(path, { recursive: true, force: true });
  }
}
