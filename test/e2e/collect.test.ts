import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunningInstance } from '../../cli/up/instance-file.ts';
import { connectDatabase } from '../../db/connect.ts';
import { inventedRows, writeCandleCsv } from '../support/candle-csv.ts';
import { type BotFolder, isRunning, openBotFolder } from '../support/running-bot.ts';
import { temporalAddress } from '../support/temporal.ts';
import { killInTurn, ROUNDS } from './kill-in-turn.ts';

const rows = inventedRows(1_000);
let bot: BotFolder;
let up: string[];

beforeAll(async () => {
  // Only to fail with the right words where there is no Temporal binary.
  temporalAddress();
  bot = await openBotFolder();
  const file = join(bot.dataDir, 'XYZ_KRW_1m.csv');
  writeCandleCsv(file, rows);
  up = ['up', '--feed', 'replay', '--replay', file, '--speed', '60', '--json'];
});
afterAll(() => bot.remove());

async function ready(): Promise<void> {
  await expect.poll(() => readRunningInstance(bot.dataDir)?.state, { timeout: 90_000, interval: 100 }).toBe('ready');
}

/** Of the running bot. */
async function countStored(): Promise<number> {
  const db = connectDatabase(readRunningInstance(bot.dataDir)?.databaseUrl ?? '', { applicationName: 'test' });
  try {
    const { count } = await db
      .selectFrom('candles')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  } finally {
    await db.destroy();
  }
}

/** The whole table, oldest first, as the list command prints it. */
async function storedRows(): Promise<Record<string, unknown>[]> {
  const { stdout, stderr, code } = await bot.runHere(['candles', '--limit', '100000', '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout).reverse();
}

/** What the table must then hold: the file up to its newest stored row, figure for figure. */
function expectEqualToFile(stored: readonly Record<string, unknown>[]): void {
  const expected = rows.slice(0, stored.length).map(({ ts, open, high, low, close, volume }) => ({
    ...{ market: 'KRW-XYZ', timeframe: '1m', ts: ts.toISOString(), open, high, low, close, volume },
  }));
  expect(stored.map(({ quote_volume: _, ...row }) => row)).toEqual(expected);
}

describe('durabit up at one candle a second', () => {
  it('collects every candle although each of its parts is killed in turn', { timeout: 240_000 }, async () => {
    const { child, finished } = bot.start(up);
    await ready();
    await killInTurn(bot, ROUNDS.servers);
    await killInTurn(bot, ROUNDS.workers);
    const before = await countStored();
    await expect.poll(countStored, { timeout: 30_000 }).toBeGreaterThanOrEqual(before + 3);
    child.kill('SIGTERM');

    const { code, stdout, stderr } = await finished;

    expect(code, stderr).toBe(0);
    const summary = JSON.parse(stdout);
    expect(summary.candles.missing).toBe(0);
    expect(summary.candles.new).toBeGreaterThanOrEqual(6);
    expect(summary.restarts).toMatchObject({
      collector: 1,
      exchange: 1,
      postgres: 1,
      temporal: 1,
      trader: 1,
      optimizer: 1,
    });
    expectEqualToFile(await storedRows());
  });

  it('continues where it was when started again, refuses a second instance, leaves nothing behind when killed', {
    timeout: 240_000,
  }, async () => {
    const before = (await storedRows()).length;
    const { child, finished } = bot.start(up);
    await ready();

    const second = await bot.run([...up, '--for', '5s']);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/data directory .* is in use by durabit up \(pid \d+/);

    await expect.poll(countStored, { timeout: 20_000 }).toBeGreaterThan(before + 3);
    const status = JSON.parse((await bot.runHere(['status', '--json'])).stdout);
    expect(status).toMatchObject({ running: true, candles: [{ market: 'KRW-XYZ', missing: 0 }], faults: [] });
    expect(
      status.parts.map(({ name, state, restarts }: Record<string, unknown>) => ({ name, state, restarts })),
    ).toEqual(
      ['postgres', 'temporal', 'exchange', 'collector', 'trader', 'optimizer'].map((name) => {
        return { name, state: 'up', restarts: 0 };
      }),
    );

    const everyone = bot.pids();
    child.kill('SIGKILL');
    await finished;
    await expect.poll(() => everyone.filter(isRunning), { timeout: 20_000 }).toEqual([]);
    expectEqualToFile(await storedRows());
    const stopped = await bot.run(['status']);
    expect(stopped.code).toBe(1);
    expect(stopped.stdout).toMatch(/^durabit is not running; this is what is stored in .*\n\nHOLDINGS[\s\S]*^KRW-XYZ/m);
  });
});
