import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { removeInstance, writeInstance } from '../../cli/up/instance-file.ts';
import { freePort } from '../../cli/up/ports.ts';
import { prepareTemporal } from '../../cli/up/prepare-run.ts';
import type { RunAddresses } from '../../cli/up/run-addresses.ts';
import { parseMarket } from '../../config/market.ts';
import { upsertCandles } from '../../db/candles.ts';
import { connectDatabase } from '../../db/connect.ts';
import { insertDecision } from '../../db/decisions.ts';
import { ensureMarketAccounts } from '../../db/first-start.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { startPaperExchange } from '../../exchange/paper/server.ts';
import { applySchedules } from '../../schedules/apply.ts';
import { recentFailures } from '../../schedules/failures.ts';
import { listSchedules, operateSchedules } from '../../schedules/operate.ts';
import { paperOptions } from '../exchange/paper/paper.ts';
import { candleAt, minute } from '../support/candles.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { anOrder, open } from '../support/ledger.ts';
import { type BotFolder, openBotFolder } from '../support/running-bot.ts';
import { temporalAddress } from '../support/temporal.ts';
import { instance, until } from './up/support.ts';

const BTC = parseMarket('KRW-BTC');
const ACCOUNT = 'paper-3f9a01c2';
let bot: BotFolder;
let database: TestDatabase;
let close: () => Promise<void>;
let details: RunAddresses;

/**
 * A bot as the other commands see it, made of this process: a database with a hole, a purchase that rests, a paused
 * schedule, a failed run.
 */
beforeAll(async () => {
  [bot, database] = await Promise.all([openBotFolder(), createTestDatabase()]);
  const db = connectDatabase(database.url, { applicationName: 'test' });
  await migrateToLatest(db);
  await upsertCandles(db, BTC, '1m', {
    candles: [1, 2, 8].map((n) => candleAt(n)),
    settled: [
      { from: minute(1), until: minute(3) },
      { from: minute(8), until: minute(9) },
    ],
  });
  await ensureMarketAccounts(db, ACCOUNT, [BTC], '20000');
  const decided = { account: ACCOUNT, market: BTC, timeframe: '1m', candle: minute(8), trigger: 'candle' } as const;
  const reason = 'gap: not every minute of the window has been collected';
  await insertDecision(db, { ...decided, action: 'blocked', reason, vote: null });
  await open(db, anOrder(ACCOUNT));
  await db.destroy();

  const stateDir = `${bot.dataDir}/exchange`;
  const paper = await startPaperExchange(paperOptions({ stateDir }));
  details = {
    ...instance,
    account: ACCOUNT,
    databaseUrl: database.url,
    temporalAddress: temporalAddress(),
    temporalNamespace: `commands-${randomUUID().slice(0, 8)}`,
    exchangeUrl: paper.url,
    markets: [BTC],
  };
  await prepareTemporal(details);
  const connection = await Connection.connect({ address: details.temporalAddress });
  const client = new Client({ connection, namespace: details.temporalNamespace });
  await applySchedules(client, { markets: [BTC], timeframe: '1m', intervalMs: 3_600_000 });
  await until('the schedule is listed', async () => (await listSchedules(client)).length === 1);
  await operateSchedules(client, 'pause', { kind: 'collect', reason: 'maintenance' });
  await failARun(client);
  await until('the failure is listed', async () => (await recentFailures(client, new Date(0))).length === 1);
  writeInstance(bot.dataDir, details, 'ready', new Date());
  close = async () => {
    removeInstance(bot.dataDir);
    await client.schedule.getHandle('collect-KRW-BTC').delete();
    await connection.close();
    await paper.close();
    await database.drop();
    bot.remove();
  };
});
afterAll(() => close());

/** A run that fails, its worker played by hand. */
async function failARun({ workflow, workflowService, connection, options: { namespace } }: Client): Promise<void> {
  await workflow.start('CollectWorkflow', { workflowId: 'collect-by-hand', taskQueue: 'by-hand' });
  const { taskToken } = await connection.withDeadline(Date.now() + 10_000, () =>
    workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: 'by-hand' } }),
  );
  const failure = { message: 'no such market', applicationFailureInfo: { type: 'UnknownMarket' } };
  // 5: COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION; @temporalio/proto has it by name but is not a dependency of ours.
  const commands = [{ commandType: 5, failWorkflowExecutionCommandAttributes: { failure } }];
  await workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, commands });
}

describe('status', () => {
  it('says what is wrong, thing by thing, and ends with 1', async () => {
    const { code, stdout, stderr } = await bot.run(['status', '--json']);

    expect(code, stderr).toBe(1);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ running: true, candles: [{ market: 'KRW-BTC', candles: 3, missing: 5 }] });
    expect(found.wrong.map(({ about, problem }: Record<string, string>) => `${about}: ${problem}`)).toEqual([
      expect.stringMatching(/^KRW-BTC: order testbot1-\S+ is still open, .* of market time after its deadline$/),
      'KRW-BTC: its last decision is blocked: gap: not every minute of the window has been collected',
      'KRW-BTC: 5 minutes not collected yet',
      'collect-KRW-BTC: paused: maintenance',
      'CollectWorkflow: 1 run failed in the last ten minutes',
    ]);
  });

  it('says what it holds, what it decided last, what is open, and whose money it is', async () => {
    const { stdout } = await bot.runHere(['status', '--json']);

    expect(JSON.parse(stdout)).toMatchObject({
      instance: { mode: 'paper', account: ACCOUNT, database: expect.stringMatching(/^127\.0\.0\.1:\d+\/test_/) },
      market_time: expect.stringMatching(/Z$/),
      trading: { state: 'active' },
      positions: [{ market: 'KRW-BTC', free_cash: '9995', reserved_cash: '10005', put_in: '20000' }],
      total: { equity: '20000', profit: '0', total_return: '0.000000' },
      weights: [{ market: 'KRW-BTC', optimizer_result: null, weights: { trend: '0.2000' }, threshold: '0.2000' }],
      decisions: [{ market: 'KRW-BTC', candle: '2025-03-01T00:08:00.000Z', action: 'blocked' }],
      open_orders: [{ market: 'KRW-BTC', status: 'open', side: 'bid', price: '1000', reserved_cash: '10005' }],
      last_fill: null,
      stuck_runs: [],
    });
    const text = (await bot.runHere(['status'])).stdout;
    expect(text).toContain('PAPER MONEY: no real order is sent · account paper-3f9a01c2 · trading active');
    expect(text).toMatch(/^KRW-BTC +9,995 +10,005 +0 /m);
    expect(text).toMatch(/^ {2}KRW-BTC open, .* old: buy 10 at 1,000, 10,005 KRW reserved$/m);
  });

  it.each([
    ['the database', 'postgres', { databaseUrl: 'postgres://u:hunter2@127.0.0.1:PORT/d' }, { stored: false }],
    ['the exchange', 'exchange', { exchangeUrl: 'http://127.0.0.1:PORT' }, { stored: true, market_time: null }],
    ['Temporal', 'temporal', { temporalAddress: '127.0.0.1:PORT' }, { stored: true, schedules: null }],
  ])('when %s does not answer says so and shows the rest', async (_what, about, address, rest) => {
    const port = String(await freePort());
    const dead = Object.fromEntries(Object.entries(address).map(([key, value]) => [key, value.replace('PORT', port)]));
    writeInstance(bot.dataDir, { ...details, ...dead }, 'ready', new Date());
    const { code, stdout, stderr } = await bot.runHere(['status', '--json']);
    writeInstance(bot.dataDir, details, 'ready', new Date());

    expect(code, stderr).toBe(1);
    expect(stdout).not.toContain('hunter2');
    expect(JSON.parse(stdout)).toMatchObject({
      ...rest,
      running: true,
      faults: [{ about, problem: expect.stringContaining(port), cure: expect.any(String) }],
    });
  });

  it('while the bot is being set up shows its parts and asks nobody', async () => {
    const port = await freePort();
    const part = { name: 'postgres', state: 'starting', restarts: 0, recentRestarts: [], lastEnd: null } as const;
    const since = new Date().toISOString();
    const dead = { ...details, databaseUrl: `postgres://u:p@127.0.0.1:${port}/d` };
    writeInstance(bot.dataDir, dead, 'setting-up', new Date(), [{ ...part, since }]);
    const { code, stdout, stderr } = await bot.runHere(['status']);
    writeInstance(bot.dataDir, details, 'ready', new Date());

    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^durabit is being set up since .*\n[\s\S]*^postgres {2}starting/m);
    expect(stdout).toContain('  durabit: still being set up\n    → try again in a moment');
  });

  it('with nothing running reads the database it is told of', async () => {
    const elsewhere = { DURABIT_DATA_DIR: `${bot.dataDir}/nowhere`, DATABASE_URL: database.url };
    const { code, stdout, stderr } = await bot.runHere(['status', '--json'], elsewhere);

    expect(code, stderr).toBe(1);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({
      running: false,
      instance: null,
      account: ACCOUNT,
      open_orders: [{ status: 'open' }],
    });
    expect(found.wrong[0]).toMatchObject({
      about: 'durabit',
      cure: `start it with: npm start -- --data-dir ${bot.dataDir}/nowhere`,
    });
  });

  it('never shows the password of the database', async () => {
    const { password } = new URL(inject('databaseUrl'));
    expect(password).not.toBe('');
    for (const args of [['status', '--json'], ['status'], ['doctor', '--json'], ['schedules', '--json']]) {
      const { stdout, stderr } = await bot.runHere(args);
      expect(stdout + stderr).not.toContain(password);
    }
  });
});

describe('candles', () => {
  it('lists the newest first, in Korean time for people', async () => {
    const rows = JSON.parse((await bot.run(['candles', '--limit', '2', '--json'])).stdout);
    expect(rows.map((row: { ts: string }) => row.ts)).toEqual(['2025-03-01T00:08:00.000Z', '2025-03-01T00:02:00.000Z']);

    expect((await bot.runHere(['candles', '--limit', '1'])).stdout).toContain('2025-03-01 09:08:00 KST');
  });

  it('lists the stretches nobody has asked for', async () => {
    expect(JSON.parse((await bot.runHere(['candles', '--gaps', '--json'])).stdout)).toEqual([
      {
        market: 'KRW-BTC',
        timeframe: '1m',
        from: '2025-03-01T00:03:00.000Z',
        until: '2025-03-01T00:08:00.000Z',
        minutes: 5,
      },
    ]);
  });

  it('of a market never collected is refused, not answered with nothing', async () => {
    const { code, stderr } = await bot.runHere(['candles', '--gaps', '--market', 'KRW-ETH']);
    expect(code).toBe(1);
    expect(stderr).toContain('market KRW-ETH has not been collected; known: KRW-BTC');
  });
});

describe('doctor', () => {
  it('ends with 1 and says what to do when a worker is missing', async () => {
    const { code, stdout, stderr } = await bot.run(['doctor', '--json']);

    expect(code).toBe(1);
    expect(stderr).toMatch(/\d of \d+ checks found something to mend/);
    const found = JSON.parse(stdout);
    expect(found).toContainEqual({ check: 'stuck runs', ok: true, detail: 'none', cure: null });
    expect(found).toContainEqual(
      expect.objectContaining({ check: 'worker collector', ok: false, detail: 'nobody polls its task queue' }),
    );
  });
});

describe('a database of an older version', () => {
  it('is named with what it lacks and what to type, without its password', async () => {
    const older = await createTestDatabase();
    const { code, stderr } = await bot.runHere(['candles'], { DATABASE_URL: older.url });
    await older.drop();

    expect(code).toBe(1);
    expect(stderr).toMatch(/lacks 0001-candles.*bring it up to date with: npx durabit migrate/);
    expect(stderr).not.toContain(new URL(older.url).password);
  });
});
