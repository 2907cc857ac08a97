import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { childEnvironment } from '../../cli/up/child-environment.ts';
import { freePort } from '../../cli/up/ports.ts';
import { writeWorkflowBundle } from '../../workers/workflow-bundle.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { temporalAddress } from '../support/temporal.ts';
import { composeFile, ROOT } from './compose-file.ts';

/** The containers' programs, with their settings but for the addresses, on a real database and a real Temporal server. */
const services = composeFile().services;
const folder = mkdtempSync(join(tmpdir(), 'durabit-compose-run-'));
const namespace = `compose-${randomBytes(4).toString('hex')}`;
const lasting: ChildProcess[] = [];
let database: TestDatabase;
let addresses: Record<string, string>;

beforeAll(async () => {
  const bundle = join(folder, 'workflows.js');
  const [port] = await Promise.all([freePort(), writeWorkflowBundle(bundle)]);
  database = await createTestDatabase();
  addresses = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporalAddress(),
    TEMPORAL_NAMESPACE: namespace,
    UPBIT_BASE_URL: `http://127.0.0.1:${port}`,
    PAPER_PORT: String(port),
    DURABIT_DATA_DIR: folder,
    DURABIT_WORKFLOW_BUNDLE: bundle,
  };
});

afterAll(async () => {
  for (const child of lasting) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
  await database?.drop();
});

function programOf(name: string): { args: string[]; options: { cwd: string; env: Record<string, string> } } {
  const { command = [], environment = {} } = services[name] ?? {};
  return { args: command.slice(1), options: { cwd: ROOT, env: childEnvironment({ ...environment, ...addresses }) } };
}

async function oneShot(name: string): Promise<string> {
  const { args, options } = programOf(name);
  return (await promisify(execFile)(process.execPath, args, options)).stdout.trim();
}

function start(name: string): ChildProcess {
  const { args, options } = programOf(name);
  const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'ignore', 'inherit'] });
  lasting.push(child);
  return child;
}

/** The health check of a service, as its container runs it. @throws with what it said */
async function health(name: string): Promise<string> {
  const [, , ...args] = services[name]?.healthcheck?.test ?? [];
  const { options } = programOf(name);
  const here = args.map((arg) => arg.replace('127.0.0.1:8787', `127.0.0.1:${addresses.PAPER_PORT}`));
  return (await promisify(execFile)(process.execPath, here, options)).stdout;
}

async function schedules(): Promise<string[]> {
  const connection = await Connection.connect({ address: temporalAddress() });
  const client = new Client({ connection, namespace });
  const found: string[] = [];
  for await (const { scheduleId, state } of client.schedule.list()) {
    found.push(state.paused ? `${scheduleId} paused` : scheduleId);
  }
  await connection.close();
  return found.sort();
}

test('an empty set-up comes to trade: servers, one-shots, workers, schedules, in the order of the compose file', async () => {
  await expect(health('exchange')).rejects.toThrow();
  start('exchange');
  await expect.poll(() => health('exchange').then(() => 'healthy'), { timeout: 15_000 }).toBe('healthy');

  expect(await oneShot('migrations')).toBe('the database is up to date, and durable');
  expect(await oneShot('namespace')).toMatch(`namespace ${namespace} has its search attributes`);
  expect(await oneShot('account')).toMatch(/^the ledger of paper-\w{8} belongs to the exchange at http:\/\/127/);

  await expect(health('trader')).rejects.toThrow(/no worker asks for the work of task queue trader/);
  const trader = start('trader');
  await expect.poll(() => health('trader').catch(() => ''), { timeout: 20_000 }).toMatch('task queue trader is served');

  await oneShot('schedules');
  expect(await schedules()).toEqual(
    expect.arrayContaining(['collect-KRW-BTC', 'reconcile', 'trade-KRW-BTC'].map((id) => expect.stringMatching(id))),
  );

  trader.kill('SIGTERM');
  expect(await once(trader, 'exit')).toEqual([0, null]);
}, 90_000);

test('every one-shot may run again: nothing is lost, and what was paused stays paused', async () => {
  const before = await schedules();
  const connection = await Connection.connect({ address: temporalAddress() });
  await new Client({ connection, namespace }).schedule.getHandle('trade-KRW-BTC').pause('testing');
  await connection.close();

  for (const name of ['migrations', 'namespace', 'account', 'schedules']) await oneShot(name);

  expect(await schedules()).toEqual(before.map((id) => (id === 'trade-KRW-BTC' ? `${id} paused` : id)));
}, 60_000);
