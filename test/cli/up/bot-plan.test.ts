import { Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planBot } from '../../../cli/up/bot-plan.ts';
import { paperKeys } from '../../../cli/up/paper-keys.ts';
import { prepareTemporal } from '../../../cli/up/prepare-run.ts';
import { nameOf } from '../../../cli/up/supervisor-plan.ts';
import { parseMarket } from '../../../config/market.ts';
import { readSettings } from '../../../config/settings.ts';
import { connectDatabase } from '../../../db/connect.ts';
import { USUAL_BOOK } from '../../../exchange/matching/book/parameters.ts';
import { startForTest } from '../../exchange/paper/paper.ts';
import { createTestDatabase } from '../../support/database.ts';
import { temporalAddress } from '../../support/temporal.ts';
import { instance, temporaryDirectory } from './support.ts';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

const request = { feed: 'simulated', replay: [], markets: [parseMarket('KRW-BTC')], speed: 60, seed: 1 } as const;
const plan = (env: Record<string, string>, changes: Partial<Parameters<typeof planBot>[0]> = {}) =>
  planBot({ ...request, ...changes }, readSettings({ TEMPORAL_CLI_PATH: '/bin/true', ...env }), directory.path);

function serviceOf({ steps }: Awaited<ReturnType<typeof planBot>>, name: string) {
  const step = steps.find((one) => one.kind !== 'task' && one.service.name === name);
  if (step === undefined || step.kind === 'task') throw new Error(`no service ${name}`);
  return step.service;
}

async function runTask(planned: Awaited<ReturnType<typeof planBot>>, name: string): Promise<void> {
  const step = planned.steps.find((one) => one.kind === 'task' && one.name === name);
  if (step?.kind !== 'task') throw new Error(`no task ${name}`);
  await step.run(new AbortController().signal);
}

test('the account keys reach the trader alone, and nobody by the command line', async () => {
  const planned = await plan({});
  const { accessKey, secretKey } = paperKeys(directory.path);

  expect(serviceOf(planned, 'trader').env).toMatchObject({ UPBIT_ACCESS_KEY: accessKey, UPBIT_SECRET_KEY: secretKey });
  expect(serviceOf(planned, 'exchange').env).toMatchObject({ PAPER_SECRET_KEY: secretKey });
  for (const name of ['collector', 'optimizer', 'postgres', 'temporal']) {
    expect(JSON.stringify(serviceOf(planned, name).env)).not.toContain(secretKey);
  }
  for (const step of planned.steps) {
    if (step.kind !== 'task') expect(step.service.args.join(' ')).not.toContain(secretKey);
  }
});

test('the settings of trading reach the trader', async () => {
  const trading = { THRESHOLD: '0.3', AGGRESSIVENESS: '0.002', FEE_RATE: '0.001', FEE_BUFFER: '0' };
  const planned = await plan(trading);

  expect(serviceOf(planned, 'trader').env).toMatchObject({ ...trading, TRADING_MODE: 'paper', MARKETS: 'KRW-BTC' });
});

test('those who collect and who trade are told how to notice, and on which markets', async () => {
  const feedOf = async (env: Record<string, string>, name: string) => serviceOf(await plan(env), name).env;

  for (const name of ['collector', 'trader']) {
    expect(await feedOf({}, name)).toMatchObject({ FEED_MODE: 'rest', MARKETS: 'KRW-BTC' });
    expect(await feedOf({ FEED_MODE: 'websocket' }, name)).toMatchObject({ FEED_MODE: 'websocket' });
  }
});

test('the optimizer is told what orders cost and how far back to search, and may promote in sample on the built-in exchange only', async () => {
  const costs = { AGGRESSIVENESS: '0.002', FEE_RATE: '0.001', FEE_BUFFER: '0', OPTIMIZER_WINDOW: '5000' };
  const own = {
    UPBIT_BASE_URL: 'http://127.0.0.1:9',
    TRADING_MODE: 'paper',
    UPBIT_ACCESS_KEY: 'k',
    UPBIT_SECRET_KEY: 's',
  };
  const promotion = async (env: Record<string, string>) => serviceOf(await plan(env), 'optimizer').env.PROMOTION;

  expect(serviceOf(await plan(costs), 'optimizer').env).toMatchObject({ ...costs, TRADING_MODE: 'paper' });
  expect(await promotion({})).toBe('in-sample');
  expect(await promotion({ PROMOTION: 'off' })).toBe('off');
  expect(await promotion(own)).toBe('off');
  expect(await promotion({ ...own, PROMOTION: 'in-sample' })).toBe('in-sample');
});

test('on an exchange of the user’s own nothing is traded, and no key handed on, unless a mode is asked for', async () => {
  const own = { UPBIT_BASE_URL: 'http://127.0.0.1:9', UPBIT_ACCESS_KEY: 'mine', UPBIT_SECRET_KEY: 'my secret' };

  const collecting = await plan(own);
  expect([collecting.instance.account, collecting.keys]).toEqual([null, null]);
  expect(serviceOf(collecting, 'trader').env).not.toHaveProperty('TRADING_MODE');
  for (const step of collecting.steps) expect(JSON.stringify(step)).not.toContain('my secret');

  const trading = await plan({ ...own, TRADING_MODE: 'paper' });
  expect(trading.instance.account).toMatch(/^paper-[0-9a-f]{8}$/);
  expect(trading.keys).toEqual({ accessKey: 'mine', secretKey: 'my secret' });
  expect(serviceOf(trading, 'trader').env).toMatchObject({ TRADING_MODE: 'paper', UPBIT_SECRET_KEY: 'my secret' });
});

test.each([
  { TRADING_MODE: 'live', UPBIT_BASE_URL: 'https://api.upbit.com', UPBIT_ACCESS_KEY: 'k', UPBIT_SECRET_KEY: 's' },
  { TRADING_MODE: 'shadow' },
  { TRADING_MODE: 'paper', UPBIT_BASE_URL: 'https://api.upbit.com', UPBIT_ACCESS_KEY: 'k', UPBIT_SECRET_KEY: 's' },
])('a run with $TRADING_MODE at $UPBIT_BASE_URL is refused before anything starts', async (env) => {
  await expect(plan(env as unknown as Record<string, string>)).rejects.toThrow(`TRADING_MODE=${env.TRADING_MODE}`);
});

test('no worker starts before database, namespace, markets and bundle are ready, no schedule before the workers', async () => {
  const { steps } = await plan({});
  const nodes = steps.map((step) => ({ name: nameOf(step), dependsOn: step.dependsOn }));
  /** All that comes before a step, near or far. */
  const before = (name: string): string[] => {
    const direct = nodes.find((node) => node.name === name)?.dependsOn ?? [];
    return direct.flatMap((other) => [other, ...before(other)]);
  };

  for (const worker of ['collector', 'trader', 'optimizer']) {
    expect(before(worker)).toEqual(
      expect.arrayContaining(['postgres', 'database', 'temporal', 'namespace', 'exchange', 'markets', 'bundle']),
    );
  }
  expect(before('schedules')).toEqual(expect.arrayContaining(['collector', 'trader', 'optimizer']));
  // Nothing is tied or deleted before all that may refuse the start has been asked.
  expect(before('feed')).toEqual(expect.arrayContaining(['markets', 'own-namespace']));
  expect(before('former-schedules')).toEqual(expect.arrayContaining(['markets', 'own-namespace', 'feed', 'accounts']));
  expect(before('collector')).toContain('former-schedules');
});

test('a run on a market that the exchange does not list is refused', async () => {
  const { url } = await startForTest();
  const planned = await plan({ UPBIT_BASE_URL: url }, { markets: [parseMarket('KRW-NOPE')] });

  await expect(runTask(planned, 'markets')).rejects.toThrow('KRW-NOPE');
});

test('a run on a database that may forget a commit is refused', async () => {
  const database = await createTestDatabase();
  const db = connectDatabase(database.url, { applicationName: 'test' });
  const name = new URL(database.url).pathname.slice(1);
  await sql`ALTER DATABASE ${sql.id(name)} SET synchronous_commit = off`.execute(db);
  await db.destroy();

  await expect(runTask(await plan({ DATABASE_URL: database.url }), 'database')).rejects.toThrow('synchronous_commit');
  await database.drop();
});

test('closed runs are kept a month in real time and an hour in an accelerated run, on our own server only', async () => {
  const where = { ...instance, markets: [], temporalAddress: temporalAddress(), temporalNamespace: 'retention' };
  const prepare = (speed: number, temporalUiUrl: string | null) => prepareTemporal({ ...where, speed, temporalUiUrl });
  const connection = await Connection.connect({ address: where.temporalAddress });
  const days = async () => {
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'retention' });
    return Number(config?.workflowExecutionRetentionTtl?.seconds) / 86_400;
  };

  await prepare(1, 'http://ours');
  expect(await days()).toBe(30);
  await prepare(60, 'http://ours');
  expect(await days()).toBe(1 / 24);
  await prepare(1, null);
  expect(await days()).toBe(1 / 24);
  await connection.close();
});

test('the paper exchange gets the order book that was asked for, and the data directory is bound to it and its seed', async () => {
  const book = { ...USUAL_BOOK, spreadPpm: 80 };
  const levels = await plan({}, { feed: 'replay', book });
  const endless = await plan({}, { feed: 'replay' });

  expect(serviceOf(levels, 'exchange').args.join(' ')).toContain(' --book levels --spread 80 --depth 10000000');
  expect(serviceOf(endless, 'exchange').args.join(' ')).toMatch(/ --book endless$/);
  expect(levels.binding).toEqual({ feed: 'replay', replayFiles: [], seed: 1, book });
  expect(endless.binding).toEqual({ feed: 'replay', replayFiles: [], seed: null });
});

test('live prices: the paper exchange gets their source, and the data directory is bound to it and to no seed', async () => {
  const live = { feed: 'upbit', source: 'https://api.upbit.com', speed: 1 } as const;
  const levels = await plan({}, { ...live, book: USUAL_BOOK });
  const { args } = serviceOf(levels, 'exchange');

  expect(args.join(' ')).toContain(
    ' --feed upbit --markets KRW-BTC --speed 1 --source https://api.upbit.com --book levels',
  );
  expect(args).not.toContain('--spread');
  expect((await plan({}, live)).binding).toEqual({
    feed: 'upbit',
    replayFiles: [],
    seed: null,
    source: 'https://api.upbit.com',
  });
  expect(serviceOf(levels, 'trader').env).toMatchObject({ TRADING_MODE: 'paper', CANDLE_INTERVAL_MS: '60000' });
});

test('the paper exchange has a control port where the settings name one', async () => {
  const controlled = await plan({ PAPER_CONTROL_PORT: '24790' });
  const without = await plan({});

  expect(serviceOf(controlled, 'exchange').args.join(' ')).toContain(' --control-port 24790');
  expect(controlled.ports).toContainEqual({ port: 24790, purpose: 'the control port', setting: 'PAPER_CONTROL_PORT' });
  expect(serviceOf(without, 'exchange').args).not.toContain('--control-port');
  expect(without.ports.map(({ setting }) => setting)).not.toContain('PAPER_CONTROL_PORT');
});
