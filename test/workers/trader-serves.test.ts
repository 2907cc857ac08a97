import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createMarketDataActivities } from '../../activities/market-data.ts';
import { childEnvironment } from '../../cli/up/child-environment.ts';
import { NAMESPACE } from '../../cli/up/temporal-flags.ts';
import { accountName } from '../../config/account.ts';
import { readDecisions } from '../../db/decisions.ts';
import { ensureMarketAccounts } from '../../db/first-start.ts';
import { readKeyRefusals, writeKeyRefusals } from '../../db/key-refusals.ts';
import { createExchangeClock } from '../../exchange/exchange-clock.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { TASK_QUEUES } from '../../workers/task-queues.ts';
import type { TradeWorkflow } from '../../workflows/trade.ts';
import { BTC_FILE, paperOptions, standingWall, startForTest } from '../exchange/paper/paper.ts';
import { BTC, createLedgerDatabase } from '../support/ledger.ts';
import { connectTestTemporal, temporalAddress } from '../support/temporal.ts';

const INTERVAL_MS = 60_000;

/** The real trader, a process of its own, trading on an exchange that stands a tenth of a second after a close. */
async function startTrader() {
  const temporal = await connectTestTemporal();
  const { db, url, close } = await createLedgerDatabase();
  onTestFinished(async () => {
    await close();
    await temporal.close();
  });
  const wall = standingWall();
  wall.pass(100);
  const options = paperOptions({ replayFiles: [BTC_FILE], wallClock: wall.now });
  const { accessKey, secretKey } = options;
  const exchange = await startForTest(options);
  const account = accountName('paper', accessKey);
  await ensureMarketAccounts(db, account, [BTC], '10000000');
  const refusal = {
    scope: 'orders',
    reason: 'out_of_scope',
    meaning: '',
    call: 'createOrder',
    identifier: null,
  } as const;
  await writeKeyRefusals(db, account, [{ ...refusal, forMs: 0, lastMs: 0, more: 1 }]);

  const settings = {
    ...{ DATABASE_URL: url, TEMPORAL_ADDRESS: temporalAddress(), TEMPORAL_NAMESPACE: NAMESPACE },
    ...{ UPBIT_BASE_URL: exchange.url, UPBIT_ACCESS_KEY: accessKey, UPBIT_SECRET_KEY: secretKey },
    ...{ TRADING_MODE: 'paper', MARKETS: BTC, CANDLE_INTERVAL_MS: String(INTERVAL_MS), THRESHOLD: '0.9' },
  };
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', '..', 'workers', 'trader.ts')], {
    env: childEnvironment(settings),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (part) => {
      said += part;
      if (said.includes('serves task queue')) resolve();
    });
    void ended.then(() => reject(new Error(said)));
  });

  const startRun = (ofAccount: string) =>
    temporal.client.workflow.start<typeof TradeWorkflow>('TradeWorkflow', {
      workflowId: `trader-serves-${randomUUID()}`,
      taskQueue: TASK_QUEUES.trader,
      args: [{ account: ofAccount, market: BTC, timeframe: '1m', intervalMs: INTERVAL_MS }],
    });
  async function collect(): Promise<void> {
    const clock = createExchangeClock(1, wall.now);
    const keys = { accessKey, secretKey };
    const client = createUpbitClient({ baseUrl: exchange.url, keys, observeClock: clock.ask });
    const collector = createMarketDataActivities({ exchange: client, db, clock, intervalMs: INTERVAL_MS, leadMs: 0 });
    const fetched = await collector.fetchCandles({ market: BTC, timeframe: '1m' });
    await collector.upsertCandles({ market: BTC, timeframe: '1m', ...fetched });
  }
  return { db, account, startRun, collect };
}

it('the trader reports that it lives, decides by the threshold it was given, and refuses another account', {
  timeout: 180_000,
}, async () => {
  const { db, account, startRun, collect } = await startTrader();

  // It has asked for the fees with its key, so what an earlier trader was refused is over.
  await expect.poll(() => readKeyRefusals(db, account)).toEqual([]);

  const foreign = await startRun('paper-00000000');
  await expect(foreign.result()).rejects.toMatchObject({ cause: { cause: { type: 'WrongAccount' } } });

  // There is no candle yet: `decide` waits for 24 s, and says every second that it does. A machine may be busy for longer.
  let run = await startRun(account);
  await expect
    .poll(
      async () => {
        const { status, raw } = await run.describe();
        if (status.name !== 'RUNNING') run = await startRun(account);
        return raw.pendingActivities?.some(
          ({ activityType, lastHeartbeatTime }) => activityType?.name === 'decide' && lastHeartbeatTime,
        );
      },
      { timeout: 100_000, interval: 250 },
    )
    .toBeTruthy();

  await collect();
  const decided = () => readDecisions(db, { account, limit: 10 });
  await run.result();
  // Had it given up just before, the next one finds the candle.
  if ((await decided()).length === 0) await (await startRun(account)).result();
  expect(await decided()).toMatchObject([{ threshold: '0.9000' }]);
});
