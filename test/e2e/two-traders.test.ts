import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { writeNervousMarkets } from '../../cli/demo/nervous-market.ts';
import { childEnvironment } from '../../cli/up/child-environment.ts';
import { readRunningInstance } from '../../cli/up/instance-file.ts';
import { paperKeys } from '../../cli/up/paper-keys.ts';
import { connectDatabase, type Db } from '../../db/connect.ts';
import type { Finished } from '../support/command-here.ts';
import { openBotFolder } from '../support/running-bot.ts';
import { temporalAddress } from '../support/temporal.ts';

beforeAll(() => {
  temporalAddress();
});

/** A process whose clock says a minute and a half too much. */
const AHEAD = {
  NODE_OPTIONS: '--import=data:text/javascript,const%20now=Date.now;Date.now=()=>now()+90000;',
};

function startSecondTrader(dataDir: string): ChildProcess {
  const instance = readRunningInstance(dataDir);
  if (instance === null) throw new Error('the bot is not running');
  const { accessKey, secretKey } = paperKeys(dataDir);
  const trader = join(import.meta.dirname, '..', '..', 'workers', 'trader.ts');
  const child = spawn(process.execPath, [trader], {
    stdio: 'ignore',
    env: childEnvironment({
      ...AHEAD,
      DATABASE_URL: instance.databaseUrl,
      TEMPORAL_ADDRESS: instance.temporalAddress,
      TEMPORAL_NAMESPACE: instance.temporalNamespace,
      UPBIT_BASE_URL: instance.exchangeUrl,
      CANDLE_INTERVAL_MS: String(instance.candleIntervalMs),
      TRADING_MODE: 'paper',
      UPBIT_ACCESS_KEY: accessKey,
      UPBIT_SECRET_KEY: secretKey,
      MARKETS: instance.markets.join(','),
    }),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Waits until each market has decided in time once more, on a candle that closes only now. */
async function decidedOn(db: Db): Promise<void> {
  const since = new Date();
  const markets = async () => {
    const { rows } = await sql<{ n: number }>`
      SELECT count(DISTINCT market)::int AS n FROM decisions
      WHERE action <> 'stale' AND decided_at > ${since}`.execute(db);
    return rows[0]?.n;
  };
  await expect.poll(markets, { timeout: 30_000, interval: 100 }).toBe(3);
}

it('two traders, one with a wrong clock, serve one bot: nothing doubled, and one goes on without the other', {
  timeout: 150_000,
}, async () => {
  const bot = await openBotFolder();
  onTestFinished(() => bot.remove());
  const replay = writeNervousMarkets(bot.dataDir, 1).flatMap((path) => ['--replay', path]);
  const { child, finished } = bot.start(['up', '--feed', 'replay', ...replay, '--speed', '30', '--json']);
  onTestFinished(() => void child.kill('SIGTERM'));
  await expect.poll(() => readRunningInstance(bot.dataDir)?.state, { timeout: 90_000, interval: 100 }).toBe('ready');
  const db = connectDatabase(readRunningInstance(bot.dataDir)?.databaseUrl ?? '', { applicationName: 'test' });

  try {
    const second = startSecondTrader(bot.dataDir);
    const traders = async (look: Promise<Finished> = bot.runHere(['doctor', '--json'])) => {
      const checks = JSON.parse((await look).stdout);
      return { checks, serving: checks.find(({ check }: { check: string }) => check === 'worker trader').detail };
    };
    await expect.poll(async () => (await traders()).serving, { timeout: 30_000 }).toContain(`trader@${second.pid}`);
    const { checks, serving } = await traders();
    expect(serving.split(', ')).toHaveLength(2);
    expect(checks).toContainEqual(expect.objectContaining({ check: 'temporal clock', ok: true }));
    expect(checks).toContainEqual(expect.objectContaining({ check: 'other bots', ok: true }));
    // Seen from a machine whose clock is the exchange's, that of Temporal is wrong.
    expect((await traders(bot.run(['doctor', '--json'], AHEAD))).checks).toContainEqual(
      expect.objectContaining({ check: 'temporal clock', ok: false, detail: expect.stringContaining('s behind') }),
    );
    const { wrong } = JSON.parse((await bot.run(['status', '--json'], AHEAD)).stdout);
    expect(wrong).toContainEqual(
      expect.objectContaining({ problem: expect.stringContaining('s behind the exchange') }),
    );

    // The supervisor starts its own again; until then the second one is alone.
    const first = bot.pidOf('trader');
    process.kill(first, 'SIGKILL');
    await decidedOn(db);
    await expect
      .poll(() => readRunningInstance(bot.dataDir)?.pids.trader ?? first, { timeout: 30_000 })
      .not.toBe(first);
    second.kill('SIGKILL');
    await decidedOn(db);

    const filled = async () =>
      (await sql<{ n: number }>`SELECT count(*)::int AS n FROM orders WHERE status = 'filled'`.execute(db)).rows[0]?.n;
    await expect.poll(filled, { timeout: 30_000 }).toBeGreaterThan(0);
    // Each is asked for by its own request: what the exchange has must be what the ledger has, and all of it once.
    const audit = await bot.run(['audit']);
    expect(audit.code, audit.stdout + audit.stderr).toBe(0);
  } finally {
    await db.destroy();
    child.kill('SIGTERM');
    await finished;
  }
});
