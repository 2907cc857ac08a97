import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { planBot } from '../../../cli/up/bot-plan.ts';
import { readKeptPauses } from '../../../cli/up/kept-pauses.ts';
import { paperKeys } from '../../../cli/up/paper-keys.ts';
import { startInOrder } from '../../../cli/up/step-graph.ts';
import { nameOf, type Step } from '../../../cli/up/supervisor-plan.ts';
import { parseMarket } from '../../../config/market.ts';
import { readSettings } from '../../../config/settings.ts';
import { connectDatabase } from '../../../db/connect.ts';
import { startPaperExchange } from '../../../exchange/paper/server.ts';
import { writeJsonFile } from '../../../process/json-file.ts';
import { listSchedules } from '../../../schedules/operate.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { temporalAddress } from '../../support/temporal.ts';
import { temporaryDirectory } from './support.ts';

const BTC = parseMarket('KRW-BTC');
const ALL = ['collect-KRW-BTC', 'optimize-KRW-BTC', 'reconcile', 'trade-KRW-BTC'];

const directory = temporaryDirectory();
const { path } = directory;
let exchange: Awaited<ReturnType<typeof startPaperExchange>>;
let connection: Connection;
const databases: TestDatabase[] = [];
beforeAll(async () => {
  connection = await Connection.connect({ address: temporalAddress() });
  exchange = await startPaperExchange({
    ...{ ...paperKeys(path), feed: 'simulated', markets: [BTC], seed: 1, speed: 60, port: 0 },
    stateDir: join(path, 'exchange'),
  });
});
afterAll(async () => {
  await exchange.close();
  await connection.close();
  await Promise.all(databases.map((database) => database.drop()));
  directory.remove();
});

async function aDatabase(): Promise<string> {
  const database = await createTestDatabase();
  databases.push(database);
  return database.url;
}

/** A namespace of a test's own, and what its schedules are like. */
function aNamespace(name = `own-${randomUUID().slice(0, 8)}`) {
  const client = new Client({ connection, namespace: name });
  onTestFinished(async () => {
    for (const { schedule_id: id } of await listSchedules(client)) await client.schedule.getHandle(id).delete();
  });
  const states = async () =>
    (await listSchedules(client)).map(({ schedule_id: id, note }) => (note ? `${id}: ${note}` : id));
  return { name, client, states };
}

function trading(): Record<string, string> {
  const { accessKey, secretKey } = paperKeys(path);
  return { TRADING_MODE: 'paper', UPBIT_ACCESS_KEY: accessKey, UPBIT_SECRET_KEY: secretKey };
}

async function planned(databaseUrl: string, namespace: string, env: Record<string, string>, market = BTC) {
  const settings = readSettings({
    ...{ DATABASE_URL: databaseUrl, TEMPORAL_NAMESPACE: namespace, UPBIT_BASE_URL: exchange.url },
    ...{ TEMPORAL_CLI_PATH: '/bin/true', ...env },
  });
  const request = { feed: 'simulated', replay: [], markets: [market], speed: 60, seed: 1 } as const;
  return planBot(request, settings, path);
}

/** All that a start does, in its order, but for the processes: the servers are there, and no worker is wanted. */
async function startAll(steps: readonly Step[]): Promise<void> {
  const ended = new AbortController();
  onTestFinished(() => {
    ended.abort();
    rmSync(join(path, 'pauses.json'), { force: true });
  });
  const nodes = steps.map((step) => ({ name: nameOf(step), dependsOn: step.dependsOn, step }));
  await startInOrder(nodes, async ({ step }) => {
    if (step.kind === 'task' && step.name !== 'bundle') await step.run(ended.signal);
  });
}

async function start(databaseUrl: string, namespace: string, env: Record<string, string> = {}, market = BTC) {
  await startAll(
    (await planned(databaseUrl, namespace, { TEMPORAL_ADDRESS: temporalAddress(), ...env }, market)).steps,
  );
}

const listed = { timeout: 10_000 };

test('a start that is refused deletes no schedule, and forgets no pause', async () => {
  const [url, { name, client, states }] = [await aDatabase(), aNamespace()];
  await start(url, name, trading());
  await expect.poll(states, listed).toEqual(ALL);
  await client.schedule.getHandle('trade-KRW-BTC').pause('holiday');

  await expect(start(url, name, trading(), parseMarket('KRW-BTX'))).rejects.toThrow('lists no market KRW-BTX');

  const otherKey = { ...trading(), UPBIT_ACCESS_KEY: 'another' };
  await expect(start(url, name, otherKey)).rejects.toMatchObject({ name: 'AuthenticationFailed' });
  expect(await states()).toEqual(ALL.map((id) => (id === 'trade-KRW-BTC' ? `${id}: holiday` : id)));
}, 30_000);

test('a bot with another database is refused where another account is traded, whose schedules and runs go on', async () => {
  const [own, other, { name, client, states }] = [await aDatabase(), await aDatabase(), aNamespace()];
  await start(own, name, trading());
  await expect.poll(states, listed).toEqual(ALL);
  await client.schedule.getHandle('trade-KRW-BTC').trigger();
  const runs = () => client.workflow.count("TemporalScheduledById = 'trade-KRW-BTC' AND ExecutionStatus = 'Running'");
  await expect.poll(async () => (await runs()).count, listed).toBeGreaterThan(0);

  await expect(start(other, name)).rejects.toThrow(
    new RegExp(
      `in namespace ${name} of Temporal at .* trade account paper-\\w{8}, which this database does not: .*-2;`,
    ),
  );

  expect(await states()).toEqual(ALL);
  expect((await runs()).count).toBeGreaterThan(0);
  const db = connectDatabase(other, { applicationName: 'test' });
  onTestFinished(() => db.destroy());
  expect(await db.selectFrom('settings').select('key').execute(), 'it is tied to nothing').toEqual([]);

  const apart = aNamespace(`${name}-2`);
  await start(other, apart.name);
  await expect.poll(apart.states, listed).toEqual(['collect-KRW-BTC']);
}, 30_000);

test('a bot that trades no more removes the schedules that traded', async () => {
  const [url, { name, states }] = [await aDatabase(), aNamespace()];
  await start(url, name, trading());
  await expect.poll(states, listed).toEqual(ALL);

  await start(url, name);

  await expect.poll(states, listed).toEqual(['collect-KRW-BTC']);
}, 30_000);

test('after a loss of Temporal’s database all schedules are made anew, and paused is what was paused before', async () => {
  const [url, { name, client, states }] = [await aDatabase(), aNamespace()];
  const env = { ...trading(), TEMPORAL_PORT: String(new URL(`http://${temporalAddress()}`).port) };
  const { steps } = await planned(url, name, env);
  const temporal = steps.find((step) => nameOf(step) === 'temporal');
  if (temporal?.kind !== 'server' || temporal.afterRestart === undefined) throw new Error('no step temporal');
  const kept = () => readKeptPauses(path)?.get('collect-KRW-BTC');
  const loseAll = async () => {
    for (const id of ALL) await client.schedule.getHandle(id).delete();
    await expect.poll(states, listed).toEqual([]);
  };
  const paused = async () => (await listSchedules(client)).filter((state) => state.paused);

  expect(await temporal.afterRestart(), 'what a start has not made yet is not made').toBeUndefined();
  await startAll(steps);
  await expect.poll(states, listed).toEqual(ALL);
  expect(await temporal.afterRestart(), 'nothing was lost').toBeUndefined();

  await client.schedule.getHandle('collect-KRW-BTC').pause('exchange notice');
  await expect.poll(kept, listed).toBe('exchange notice');
  await loseAll();
  expect(await temporal.afterRestart()).toMatch(
    /^Temporal lost schedules; made anew: .*trade-KRW-BTC.*\. Paused until npx durabit resume: collect-KRW-BTC$/,
  );
  await expect.poll(async () => (await states()).length, listed).toBe(ALL.length);
  expect(await paused()).toMatchObject([{ schedule_id: 'collect-KRW-BTC', note: 'exchange notice' }]);

  await loseAll();
  rmSync(join(path, 'pauses.json'));
  expect(await temporal.afterRestart()).toMatch(/Paused until npx durabit resume: trade-KRW-BTC$/);
  await expect.poll(async () => (await states()).length, listed).toBe(ALL.length);
  expect(await paused()).toMatchObject([{ schedule_id: 'trade-KRW-BTC', note: expect.stringContaining('was paused') }]);

  await client.schedule.getHandle('trade-KRW-BTC').unpause('looked after');
  await start(url, name, { ...env, TEMPORAL_ADDRESS: temporalAddress() });
  expect(await states(), 'a start resumes and pauses nothing').toContain('trade-KRW-BTC: looked after');
}, 60_000);

test('a start on an empty Temporal pauses what was paused when it was last seen', async () => {
  const [url, { name, client, states }] = [await aDatabase(), aNamespace()];
  writeJsonFile(join(path, 'pauses.json'), { 'trade-KRW-BTC': 'holiday' });

  await start(url, name, trading());

  await expect.poll(states, listed).toHaveLength(ALL.length);
  expect((await listSchedules(client)).filter((state) => state.paused)).toMatchObject([
    { schedule_id: 'trade-KRW-BTC', note: 'holiday' },
  ]);
}, 30_000);
