import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { removeInstance, writeInstance } from '../../cli/up/instance-file.ts';
import { prepareTemporal } from '../../cli/up/prepare-run.ts';
import { parseMarket } from '../../config/market.ts';
import { upsertCandles } from '../../db/candles.ts';
import { connectDatabase } from '../../db/connect.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { startPaperExchange } from '../../exchange/paper/server.ts';
import { applySchedules } from '../../schedules/apply.ts';
import { recentFailures } from '../../schedules/failures.ts';
import { listSchedules, operateSchedules } from '../../schedules/operate.ts';
import { paperOptions } from '../exchange/paper/paper.ts';
import { candleAt, minute } from '../support/candles.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type BotFolder, openBotFolder } from '../support/running-bot.ts';
import { temporalAddress } from '../support/temporal.ts';
import { instance, until } from './up/support.ts';

const BTC = parseMarket('KRW-BTC');
let bot: BotFolder;
let database: TestDatabase;
let close: () => Promise<void>;

/** A bot as the other commands see it, made of this process: a database with a hole, a paused schedule, a failed run. */
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
  await db.destroy();

  const stateDir = `${bot.dataDir}/exchange`;
  const paper = await startPaperExchange(paperOptions({ stateDir }));
  const details = {
    ...instance,
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
  it('says what is wrong, thing by thing', async () => {
    const { code, stdout, stderr } = await bot.run(['status', '--json']);

    expect(code, stderr).toBe(0);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ running: true, candles: [{ market: 'KRW-BTC', candles: 3, missing: 5 }] });
    expect(found.wrong).toEqual([
      'KRW-BTC: 5 minutes not collected yet (durabit candles --gaps); they heal by themselves',
      expect.stringMatching(/^KRW-BTC: not collected for \d+ minutes of market time$/),
      'collect-KRW-BTC is paused: maintenance',
      '1 run of CollectWorkflow failed in the last ten minutes; see the Temporal Web UI',
    ]);
  });

  it('never shows the password of the database', async () => {
    const { password } = new URL(inject('databaseUrl'));
    expect(password).not.toBe('');
    for (const args of [['status', '--json'], ['status'], ['doctor', '--json'], ['schedules', '--json']]) {
      const { stdout, stderr } = await bot.run(args);
      expect(stdout + stderr).not.toContain(password);
    }
  });
});

describe('candles', () => {
  it('lists the newest first, in Korean time for people', async () => {
    const rows = JSON.parse((await bot.run(['candles', '--limit', '2', '--json'])).stdout);
    expect(rows.map((row: { ts: string }) => row.ts)).toEqual(['2025-03-01T00:08:00.000Z', '2025-03-01T00:02:00.000Z']);

    expect((await bot.run(['candles', '--limit', '1'])).stdout).toContain('2025-03-01 09:08:00 KST');
  });

  it('lists the stretches nobody has asked for', async () => {
    expect(JSON.parse((await bot.run(['candles', '--gaps', '--json'])).stdout)).toEqual([
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
    const { code, stderr } = await bot.run(['candles', '--gaps', '--market', 'KRW-ETH']);
    expect(code).toBe(1);
    expect(stderr).toContain('market KRW-ETH has not been collected; known: KRW-BTC');
  });
});

describe('doctor', () => {
  it('ends with 1 and says what to do when a worker is missing', async () => {
    const { code, stdout, stderr } = await bot.run(['doctor', '--json']);

    expect(code).toBe(1);
    expect(stderr).toMatch(/\d of \d+ checks found something to mend/);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ check: 'worker collector', ok: false, detail: 'nobody polls its task queue' }),
    );
  });
});

describe('a database of an older version', () => {
  it('is named with what it lacks and what to type, without its password', async () => {
    const older = await createTestDatabase();
    const { code, stderr } = await bot.run(['candles'], { DATABASE_URL: older.url });
    await older.drop();

    expect(code).toBe(1);
    expect(stderr).toMatch(/lacks 0001-candles.*bring it up to date with: npx durabit migrate/);
    expect(stderr).not.toContain(new URL(older.url).password);
  });
});
