import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { childEnvironment } from '../../cli/up/child-environment.ts';
import { freePort } from '../../cli/up/ports.ts';
import { parseMarket } from '../../config/market.ts';
import { applySchedules } from '../../schedules/apply.ts';
import { type Finished, runHere } from '../support/command-here.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { temporalAddress } from '../support/temporal.ts';
import { composeFile, ROOT, SECRETS } from './compose-file.ts';

/** The containers' programs, with their settings but for the addresses, on a real database and a real Temporal server. */
const services = composeFile().services;
const folder = mkdtempSync(join(tmpdir(), 'durabit-compose-run-'));
const namespace = `compose-${randomBytes(4).toString('hex')}`;
const lasting: ChildProcess[] = [];
let database: TestDatabase;
let addresses: Record<string, string>;

beforeAll(async () => {
  const [port, bundle] = [await freePort(), inject('bundle')];
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

async function oneShot(name: string, env: Record<string, string> = {}): Promise<string> {
  const { args, options } = programOf(name);
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    ...options,
    env: { ...options.env, ...env },
  });
  return stdout.trim();
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

/** Each asking is a process, which takes the time of those that are to become healthy. */
const asked = (timeout: number) => ({ timeout, interval: 300 });

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
  await expect.poll(() => health('exchange').then(() => 'healthy'), asked(15_000)).toBe('healthy');

  expect(await oneShot('migrations')).toBe('the database is up to date, and durable');
  expect(await oneShot('namespace')).toMatch(`namespace ${namespace} has its search attributes`);
  expect(await oneShot('account')).toMatch(/^the ledger of paper-\w{8} belongs to the exchange at http:\/\/127/);

  await expect(health('trader')).rejects.toThrow(/no worker asks for the work of task queue trader/);
  const trader = start('trader');
  await expect.poll(() => health('trader').catch(() => ''), asked(20_000)).toMatch('task queue trader is served');

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

test('settings with which a start is refused cost no schedule; a market that is left out loses its own', async () => {
  const before = await schedules();

  await oneShot('namespace', { MARKETS: 'KRW-NOPE' });
  await expect(oneShot('account', { MARKETS: 'KRW-NOPE' })).rejects.toThrow('lists no market KRW-NOPE');
  const elsewhere = await createTestDatabase();
  await oneShot('migrations', { DATABASE_URL: elsewhere.url });
  const another = { DATABASE_URL: elsewhere.url, TRADING_MODE: '' };
  await expect(oneShot('account', another)).rejects.toThrow(/trade account paper-\w{8}, which this database does not/);
  await elsewhere.drop();
  expect(await schedules()).toEqual(before);

  const connection = await Connection.connect({ address: temporalAddress() });
  await applySchedules(new Client({ connection, namespace }), {
    ...{ markets: [parseMarket('KRW-BTC'), parseMarket('KRW-XRP')], timeframe: '1m', intervalMs: 60_000 },
    account: (await oneShot('account')).match(/paper-\w{8}/)?.[0],
  });
  await connection.close();
  await expect.poll(schedules, { timeout: 10_000 }).toContain('trade-KRW-XRP');

  await oneShot('account');
  await expect.poll(schedules, { timeout: 10_000 }).toEqual(before);
}, 60_000);

/** `docker compose exec trader durabit …`: nothing was started by `durabit up` there, and there is no data directory. */
function execInTrader(line: string): Promise<Finished> {
  return runHere(line.split(' '), {
    ...programOf('trader').options.env,
    DURABIT_DATA_DIR: join(folder, 'no-data-here'),
  });
}

test('status, doctor, audit and schedules see a bot whose processes are containers', async () => {
  start('collector');
  start('trader');
  for (const name of ['collector', 'trader']) {
    await expect.poll(() => health(name).catch(() => ''), asked(20_000)).toMatch('is served');
  }
  expect(await execInTrader('trigger collect')).toMatchObject({ code: 0 });

  let status: Awaited<ReturnType<typeof execInTrader>> | undefined;
  const seen = async () => {
    status = await execInTrader('status --json');
    return status.stdout === '' ? status : JSON.parse(status.stdout);
  };
  await expect.poll(seen, { timeout: 30_000 }).toMatchObject({
    running: true,
    instance: { supervised: false, mode: 'paper', pid: null, uptime_seconds: null, markets: ['KRW-BTC'] },
    ...{ parts: [], trading: { state: 'active' }, candles: [{ market: 'KRW-BTC' }], faults: [] },
    workers: [
      { queue: 'collector', workers: [expect.stringMatching(/^collector@/)], last_poll_at: expect.any(String) },
      // That of the first test is remembered too for a minute and a half.
      { queue: 'trader', workers: expect.arrayContaining([expect.stringMatching(/^trader@/)]) },
      { queue: 'optimizer', workers: [], last_poll_at: null },
    ],
    wrong: [
      { about: 'optimizer', problem: 'no worker asks for its work' },
      { about: 'trade-KRW-BTC', problem: 'paused: testing' },
    ],
  });
  expect(status?.code).toBe(1);
  const text = (await execInTrader('status')).stdout;
  expect(text).toMatch(/^durabit as the settings describe it, not started here: its uptime .* not known\nPAPER MONEY/);
  expect(text).toMatch(/^TASK QUEUE +STATE +LAST POLL\ncollector +served by collector@\d+ +\d+ s ago$/m);

  const checks = JSON.parse((await execInTrader('doctor --json')).stdout);
  expect(checks.filter(({ ok }: { ok: boolean }) => !ok)).toEqual([
    expect.objectContaining({ check: 'worker optimizer', detail: 'nobody polls its task queue' }),
  ]);
  expect(await execInTrader('audit')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('equals the exchange'),
  });
  expect((await execInTrader('schedules apply')).stdout).toContain('updated trade-KRW-BTC (stays paused)\n');
  expect(existsSync(join(folder, 'no-data-here')), 'a container may not write').toBe(false);
  expect((await execInTrader('schedules')).stdout).toMatch(/^optimize-KRW-BTC +active +daily 00:05 KST /m);
}, 120_000);

test('the exchange is started with the order book that .env asks for', async () => {
  const { command = [] } =
    composeFile({ ...SECRETS, PAPER_BOOK: 'levels', PAPER_DEPTH: '250000' }).services.exchange ?? {};
  const { options } = programOf('exchange');
  const env = { ...options.env, DURABIT_DATA_DIR: join(folder, 'with-a-book'), PAPER_PORT: String(await freePort()) };
  lasting.push(spawn(process.execPath, command.slice(1), { ...options, env, stdio: ['ignore', 'ignore', 'inherit'] }));

  const book = async () => (await fetch(`http://127.0.0.1:${env.PAPER_PORT}/v1/orderbook?markets=KRW-BTC`)).json();
  await expect.poll(() => book().catch(() => []), asked(15_000)).toMatchObject([{ market: 'KRW-BTC', level: 0 }]);
});
