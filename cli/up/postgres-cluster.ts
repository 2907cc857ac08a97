import { spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { UserError } from '../../config/user-error.ts';
import { POSTGRES_ROLE, postgresPassword } from './postgres-password.ts';
import type { PostgresUser } from './postgres-user.ts';

const DRAFT = '.postgres-initdb-';

export function clusterDirectory(dataDir: string): string {
  return join(dataDir, 'postgres');
}

/**
 * Whether the data directory holds a complete cluster.
 *
 * @throws {UserError} when what lies there is something else, or of another major version than `version`.
 */
export function hasCluster(dataDir: string, version: string): boolean {
  const directory = clusterDirectory(dataDir);
  const entries = entriesOf(directory);
  if (entries.length === 0) return false;
  const cure = 'move it away (it is of no use to a new cluster), or choose another with --data-dir';
  const missing = ['PG_VERSION', 'base', 'global'].filter((name) => !entries.includes(name));
  if (missing.length === 0 && !existsSync(join(directory, 'global', 'pg_control'))) missing.push('global/pg_control');
  if (missing.length > 0) {
    throw new UserError(`${directory} is not a complete PostgreSQL cluster: ${missing.join(', ')} missing; ${cure}`);
  }
  const found = readFileSync(join(directory, 'PG_VERSION'), 'utf8').trim();
  if (found !== version) {
    throw new UserError(`${directory} was made by PostgreSQL ${found}, the embedded one is ${version}; ${cure}`);
  }
  return true;
}

/**
 * Makes the cluster with its role, password and database in a temporary sibling and renames it when complete, so that
 * an interrupted first start leaves nothing half-made. Leftovers of interrupted ones are removed.
 */
export async function createCluster(dataDir: string, folder: string, user: PostgresUser): Promise<void> {
  removeDrafts(dataDir);
  const draft = join(dataDir, `${DRAFT}${process.pid}`);
  const cluster = join(draft, 'cluster');
  const passwordFile = join(draft, 'password');
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(passwordFile, `${postgresPassword(dataDir)}\n`, { mode: 0o600 });
  if (user !== null) for (const path of [draft, passwordFile]) chownSync(path, user.uid, user.gid);

  const run = (program: string, args: string[], input = '') =>
    runToEnd(join(folder, 'bin', program), args, input, draft, user);
  // Byte order and UTF-8 whatever the machine's language; scram even on loopback, since other users share it.
  await run('initdb', [
    `--pgdata=${cluster}`,
    `--username=${POSTGRES_ROLE}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--no-locale',
  ]);
  // Without a network yet, so that a cluster that exists always has its database.
  await run('postgres', ['--single', '-D', cluster, 'postgres'], `CREATE DATABASE ${POSTGRES_ROLE};\n`);

  rmSync(clusterDirectory(dataDir), { recursive: true, force: true });
  renameSync(cluster, clusterDirectory(dataDir));
  removeDrafts(dataDir);
}

function removeDrafts(dataDir: string): void {
  for (const name of entriesOf(dataDir)) {
    // Retried, since an initdb whose keeper was killed may still be writing there for half a second.
    if (name.startsWith(DRAFT)) rmSync(join(dataDir, name), { recursive: true, maxRetries: 8, retryDelay: 50 });
  }
}

async function runToEnd(
  program: string,
  args: string[],
  input: string,
  cwd: string,
  user: PostgresUser,
): Promise<void> {
  const child = spawn(program, args, { cwd, env: { ...process.env, LC_ALL: 'C' }, ...user });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  child.stdin.end(input);
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  // A single-user server answers 0 whatever became of the statement, and says ERROR.
  const [said, complained] = await output;
  if (code === 0 && !complained.includes('ERROR:')) return;
  throw new UserError(`PostgreSQL could not be set up (${program}, code ${code}):\n${said}${complained}`.trimEnd());
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') throw new UserError(`${directory} is a file; move it away or choose another --data-dir`);
    if (code !== 'EACCES') throw error;
    throw new UserError(
      `${directory} belongs to another user; run durabit as the user who first started it, or choose another --data-dir`,
    );
  }
}
