import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLineOf, identifyProcess, type ProcessIdentity } from '../../process/process-identity.ts';
import { endProcess } from './pid-files.ts';

/** Above every pid a system gives out (Linux ends at 2^22): surely nobody's. */
const NOBODY = 2 ** 22 + 1;

/**
 * Clears the way for a start on this cluster: ends a server whose keeper was killed before it could write the pid
 * down, and what a killed server has left. Without this, killing server and keeper at once under load made every
 * second start fail.
 */
export async function endPostgresLeftovers(cluster: string): Promise<void> {
  const path = join(cluster, 'postmaster.pid');
  const [pid = '', ...rest] = readOr('', () => readFileSync(path, 'utf8')).split('\n');
  const postmaster = pid === '' ? null : identifyProcess(Number(pid));
  if (postmaster !== null && isPostmasterOf(cluster, commandLineOf(postmaster.pid))) {
    console.error(`ending the PostgreSQL (pid ${pid}) that an earlier run left on ${cluster}`);
    await endProcess({ ...postmaster, stopSignal: 'SIGINT' }, 8_000);
    return endPostgresLeftovers(cluster);
  }
  // A backend notices the death of its server only when it next waits for something: a long query goes on to its end.
  for (const backend of serverProcesses(cluster)) await endProcess({ ...backend, stopSignal: 'SIGKILL' });
  // The pid of a dead server may still answer, as a zombie where process 1 of a container reaps nobody or as another
  // process by now, and PostgreSQL takes either for a running server. The file itself must stay: by it the new server
  // makes sure that nothing holds the old one's memory any more.
  if (pid !== '') writeFileSync(path, [NOBODY, ...rest].join('\n'));
}

/** Every process of a server works in its cluster's directory; a backend's title says what it does and no more. */
function serverProcesses(cluster: string): ProcessIdentity[] {
  const pids = process.platform === 'linux' ? workingInOnLinux(cluster) : workingInByLsof(cluster);
  return pids
    .filter((pid) => commandLineOf(pid).startsWith('postgres: ') || isPostmasterOf(cluster, commandLineOf(pid)))
    .map(identifyProcess)
    .filter((identity) => identity !== null);
}

function isPostmasterOf(cluster: string, command: string): boolean {
  return command.includes(`/postgres -D ${cluster} -p `);
}

function workingInOnLinux(directory: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => readOr('', () => readlinkSync(`/proc/${pid}/cwd`)) === directory)
    .map(Number);
}

function workingInByLsof(directory: string): number[] {
  try {
    const found = execFileSync('lsof', ['-t', '-a', '-d', 'cwd', directory], { encoding: 'utf8' });
    return found.trim().split('\n').map(Number);
  } catch (error) {
    // lsof answers 1 when there is none.
    if ((error as { status?: number }).status === 1) return [];
    throw error;
  }
}

/** Processes end while we look, and those of other users are none of ours. */
function readOr(fallback: string, read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return fallback;
    throw error;
  }
}
