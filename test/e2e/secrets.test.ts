import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { writeNervousMarkets } from '../../cli/demo/nervous-market.ts';
import { readRunningInstance } from '../../cli/up/instance-file.ts';
import { paperKeys } from '../../cli/up/paper-keys.ts';
import { accountName } from '../../config/account.ts';
import { parseMarket } from '../../config/market.ts';
import { connectDatabase } from '../../db/connect.ts';
import { startPaperExchange } from '../../exchange/paper/server.ts';
import { type Mischief, openEchoingWay } from '../support/echoing-way.ts';
import { everythingIn, type FindSecrets, secretFinder } from '../support/find-secrets.ts';
import { type BotFolder, openBotFolder } from '../support/running-bot.ts';
import { temporalAddress } from '../support/temporal.ts';

const COINS = ['BTC', 'ETH', 'XRP'];
/** Three seconds a candle: while other tests keep the machine busy, most are still decided in time. */
const SPEED = 20;
/** With characters that look different in JSON, in an address and in base64. */
const madeUp = (what: string) => `${what}+/${randomBytes(12).toString('hex')}"=&`;
const KEYS = { accessKey: madeUp('Access'), secretKey: madeUp('Secret') };
const WRONG = { secretKey: madeUp('Wrong') };

beforeAll(() => {
  // Only to fail with the right words where there is no Temporal binary.
  temporalAddress();
});

const envelope = (status: number, name: string) => (response: ServerResponse, echo: string) =>
  response.writeHead(status).end(JSON.stringify({ error: { name, message: `${echo} ${KEYS.secretKey}` } }));
const text = (status: number) => (response: ServerResponse, echo: string) =>
  response.writeHead(status, { date: new Date().toUTCString() }).end(`<p>${echo} ${KEYS.secretKey}`);

const CREATE = 'POST /v1/orders';
/** Each as if something between bot and exchange said the request back, and more than it can know. */
const MISCHIEFS: readonly Mischief[] = [
  { of: 'GET /v1/accounts', answer: envelope(401, 'invalid_access_key') },
  { of: CREATE, answer: envelope(401, 'jwt_verification') },
  { of: 'GET /v1/order', answer: envelope(500, 'internal_server_error') },
  { of: 'GET /v1/accounts', answer: text(200) },
  { of: CREATE, answer: text(201) },
  { of: 'GET /v1/order', answer: (response, echo) => response.writeHead(200).end(JSON.stringify({ [echo]: echo })) },
  { of: CREATE, answer: (response, echo) => envelope(400, echo)(response, echo) },
  { of: 'GET /v1/candles/minutes/1', answer: text(503) },
  { of: CREATE, answer: (response) => response.destroy() },
];

/** The exchange a person keeps on this machine, and a way to it that plays tricks. */
async function openExchange(folder: string) {
  const replayFiles = writeNervousMarkets(folder, 1);
  const exchange = await startPaperExchange({
    ...{ feed: 'replay', replayFiles, markets: COINS.map((coin) => parseMarket(`KRW-${coin}`)), seed: 1, speed: SPEED },
    ...{ ...KEYS, stateDir: join(folder, 'exchange'), port: 0 },
  });
  onTestFinished(() => exchange.close());
  const way = await openEchoingWay(exchange.url);
  onTestFinished(() => way.close());
  return way;
}

/** Every order's state, as the running bot's own command tells it. */
async function ordersOf(bot: BotFolder, env: Record<string, string>): Promise<string[]> {
  const { stdout } = await bot.runHere(['orders', '--json', '--limit', '1000'], env);
  return stdout === '' ? [] : JSON.parse(stdout).map((order: { status: string }) => order.status);
}

/** Every row of every table of ours, and everything Temporal can be asked for. */
async function readServers(bot: BotFolder): Promise<Record<string, string>> {
  const instance = readRunningInstance(bot.dataDir);
  if (instance === null) throw new Error('the bot is not running');
  const db = connectDatabase(instance.databaseUrl, { applicationName: 'test' });
  const connection = await Connection.connect({ address: instance.temporalAddress });
  try {
    const tables = await sql<{ name: string }>`
      SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`.execute(db);
    const rows: string[] = [];
    for (const { name } of tables.rows) {
      const { rows: all } = await sql<{ row: string }>`SELECT t::text AS row FROM ${sql.raw(name)} AS t`.execute(db);
      rows.push(...all.map(({ row }) => row));
    }
    const client = new Client({ connection, namespace: instance.temporalNamespace });
    const histories: string[] = [];
    for await (const { workflowId, runId, raw } of client.workflow.list()) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      histories.push(everythingIn(raw), everythingIn(history));
    }
    for await (const { scheduleId } of client.schedule.list()) {
      histories.push(everythingIn((await client.schedule.getHandle(scheduleId).describe()).raw));
    }
    return { 'rows of tables': rows.join('\n'), 'Temporal histories': histories.join('\n') };
  } finally {
    await connection.close();
    await db.destroy();
  }
}

/** What is found in the files of a folder, those of the secrets left out: `path: secret, form`. */
function foundInFiles(folder: string, find: FindSecrets, except: readonly string[] = []): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !except.includes(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((path) => find(readFileSync(path)).map((what) => `${path.slice(folder.length + 1)}: ${what}`));
}

it('keys are nowhere but where they were put, whatever the bot met, wrote, stored and printed', {
  timeout: 360_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'durabit-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const bot = await openBotFolder();
  onTestFinished(() => bot.remove());
  const way = await openExchange(folder);
  const ofExchange = {
    UPBIT_BASE_URL: way.url,
    TRADING_MODE: 'paper',
    MARKETS: COINS.map((coin) => `KRW-${coin}`).join(),
  };
  const byEnvironment = { ...ofExchange, UPBIT_ACCESS_KEY: KEYS.accessKey, UPBIT_SECRET_KEY: KEYS.secretKey };
  const keyFile = (name: string, key: string) => {
    writeFileSync(join(folder, name), `${key}\n`, { mode: 0o600 });
    return join(folder, name);
  };
  const byFile = {
    ...ofExchange,
    UPBIT_ACCESS_KEY_FILE: keyFile('access.key', KEYS.accessKey),
    UPBIT_SECRET_KEY_FILE: keyFile('secret.key', KEYS.secretKey),
  };

  const printed: Record<string, string> = {};
  // One key by each of the two ways: the commands take both by either.
  const { UPBIT_SECRET_KEY: _, ...withoutSecret } = byEnvironment;
  const asStarted = { ...withoutSecret, UPBIT_SECRET_KEY_FILE: byFile.UPBIT_SECRET_KEY_FILE };
  const { child, finished } = bot.start(['up', '--speed', String(SPEED), '--json'], asStarted);
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await finished;
  });
  await expect.poll(() => readRunningInstance(bot.dataDir)?.state, { timeout: 90_000, interval: 100 }).toBe('ready');
  const traded = async () => (await ordersOf(bot, byFile)).filter((state) => state === 'filled').length;
  way.play(MISCHIEFS);
  await expect.poll(way.left, { timeout: 150_000, interval: 200 }).toEqual([]);
  if (process.platform === 'linux') {
    for (const pid of bot.pids()) printed[`arguments of ${pid}`] = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  }
  process.kill(bot.pidOf('trader'), 'SIGKILL');
  const before = await traded();
  await expect.poll(traded, { timeout: 60_000, interval: 200 }).toBeGreaterThan(before);

  const commands: readonly (readonly [line: string, env: Record<string, string>])[] = [
    ...[byEnvironment, byFile].flatMap((env) =>
      ['status', 'status --json', 'doctor', 'doctor --json', 'audit --json'].map((line) => [line, env] as const),
    ),
    ...[
      'positions --json',
      'orders --json',
      'trades --json',
      'decisions --json',
      'ledger --json',
      'foreign --json',
    ].map((line) => [line, byFile] as const),
    ...['schedules', 'weights --json', 'allocate 1', 'ledger verify --json', 'audit'].map(
      (line) => [line, byEnvironment] as const,
    ),
    ...['doctor', 'status', 'audit'].map(
      (line) => [line, { ...byEnvironment, UPBIT_SECRET_KEY: WRONG.secretKey }] as const,
    ),
    ['doctor', { ...byEnvironment, UPBIT_ACCESS_KEY: WRONG.secretKey }],
    ['status', { ...byEnvironment, ...byFile }],
    ...['halt --reason tried', 'halt --reason again --json', 'status', 'unhalt --json'].map(
      (line) => [line, byFile] as const,
    ),
  ];
  for (const [line, env] of commands) {
    const { stdout, stderr } = await bot.runHere(line.split(' '), env);
    printed[line] = `${printed[line] ?? ''}${stdout}\n${stderr}\n`;
    expect(stdout + stderr, line).not.toBe('');
  }
  const servers = await readServers(bot);
  child.kill('SIGTERM');
  const end = await finished;
  expect(end.code, end.stderr).toBe(0);

  const minted = paperKeys(bot.dataDir);
  const find = secretFinder({
    ...{ 'the access key': KEYS.accessKey, 'the secret key': KEYS.secretKey, 'a wrong key': WRONG.secretKey },
    ...{ 'the minted access key': minted.accessKey, 'the minted secret key': minted.secretKey },
  });
  const said = { ...printed, ...servers, 'standard output': end.stdout, 'standard error': end.stderr };
  expect(Object.entries(said).flatMap(([where, what]) => find(what).map((found) => `${where}: ${found}`))).toEqual([]);
  expect(foundInFiles(bot.dataDir, find, ['paper-keys.json'])).toEqual([]);
  expect(foundInFiles(join(folder, 'exchange'), find)).toEqual([]);

  // It was looked for where it would have been: what must be everywhere is, and the tricks have been told of.
  const account = accountName('paper', KEYS.accessKey);
  const known = secretFinder({ account });
  for (const server of Object.values(servers)) expect(known(server)).toContain('account, as it is');
  const places = foundInFiles(bot.dataDir, known).map((found) => found.split('/')[0]?.split(':')[0]);
  expect(places).toEqual(expect.arrayContaining(['postgres', 'temporal']));
  const told = Object.values(said).join('\n');
  expect([told.includes('(key hidden)'), told.includes('(token hidden)')]).toEqual([true, true]);
  expect(find(readFileSync(byFile.UPBIT_SECRET_KEY_FILE))).toEqual(['the secret key, as it is']);
});
