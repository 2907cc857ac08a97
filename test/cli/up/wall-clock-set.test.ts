import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openDataDirectory } from '../../../cli/up/data-directory.ts';
import { endProcess } from '../../../cli/up/pid-files.ts';
import { prepareNamespace } from '../../../cli/up/prepare-namespace.ts';
import { awaitCollected, exchangeClock, type SummaryDependencies } from '../../../cli/up/run-summary.ts';
import { NAMESPACE } from '../../../cli/up/temporal-flags.ts';
import { parseMarket } from '../../../config/market.ts';
import { connectDatabase } from '../../../db/connect.ts';
import { migrateToLatest } from '../../../db/migrate.ts';
import { ExchangeUnavailable } from '../../../exchange/errors.ts';
import { identifyProcess } from '../../../process/process-identity.ts';
import { createTestDatabase } from '../../support/database.ts';
import { temporalAddress } from '../../support/temporal.ts';
import { ended, temporaryDirectory } from './support.ts';

afterEach(() => {
  vi.useRealTimers();
});

const HOUR = 3_600_000;

/** The machine's clock is set, and goes on from there. */
function setClock(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms, shouldAdvanceTime: true, advanceTimeDelta: 5 });
}

async function childThat(onTerm: string) {
  const script = `process.on('SIGTERM', () => { ${onTerm} }); setInterval(() => undefined, 60_000); console.log('up')`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const identity = identifyProcess(child.pid ?? 0);
  if (identity === null) throw new Error('the child has ended');
  return { child, identity };
}

describe('a clock set forward makes nobody impatient', () => {
  it('with a short command that has the data directory', async () => {
    const directory = temporaryDirectory();
    onTestFinished(() => directory.remove());
    const short = await openDataDirectory(directory.path, { command: 'durabit orders', brief: true });
    const next = openDataDirectory(directory.path, { command: 'durabit up' });
    setClock(HOUR);
    await pause(120);
    short.release();
    (await next).release();
  });

  it('with a process that takes its time to end', async () => {
    const { child, identity } = await childThat('setTimeout(() => process.exit(7), 300)');
    const ending = endProcess({ ...identity, stopSignal: 'SIGTERM' }, 20_000);
    setClock(HOUR);
    expect(await ending).toBe(true);
    expect(await ended(child)).toBe(7);
  });

  it('with an exchange that is restarting', async () => {
    let asked = 0;
    const fetchMinuteCandles = async () => {
      asked += 1;
      if (asked < 3) throw new ExchangeUnavailable('restarting');
      return { candles: [], exchangeClock: 42 };
    };
    const deps = { exchange: { fetchMinuteCandles }, markets: [parseMarket('KRW-BTC')] };
    const clock = exchangeClock(deps as unknown as SummaryDependencies, 20_000);
    setClock(HOUR);
    expect(await clock).toBe(42);
  });

  it('with a Temporal server that has not heard of its namespace yet', async () => {
    const connection = await Connection.connect({ address: temporalAddress() });
    onTestFinished(() => connection.close());
    let asked = 0;
    const hesitant = {
      workflowService: connection.workflowService,
      operatorService: {
        listSearchAttributes: (request: { readonly namespace: string }) => {
          asked += 1;
          if (asked === 1) setClock(HOUR);
          return connection.operatorService.listSearchAttributes(asked < 3 ? { namespace: 'not-yet' } : request);
        },
      },
    };
    const wanted = { namespace: NAMESPACE, retentionMs: HOUR, ownServer: false };
    await prepareNamespace(hesitant as unknown as Connection, wanted);
    expect(asked).toBe(3);
  });
});

describe('a clock set back makes nobody wait for longer', () => {
  it('for a process that does not end', async () => {
    const { child, identity } = await childThat('');
    const ending = endProcess({ ...identity, stopSignal: 'SIGTERM' }, 300);
    setClock(-HOUR);
    expect(await ending).toBe(true);
    expect(await ended(child)).toBe('SIGKILL');
  });

  it('for candles that do not come', async () => {
    const database = await createTestDatabase();
    const db = connectDatabase(database.url, { applicationName: 'test' });
    onTestFinished(async () => {
      await db.destroy();
      await database.drop();
    });
    await migrateToLatest(db);
    const deps = { db, markets: [parseMarket('KRW-BTC')], timeframe: '1m' } as unknown as SummaryDependencies;
    const waiting = awaitCollected(deps, Date.parse('2025-03-01T00:00:00Z'), 300);
    setClock(-HOUR);
    await waiting;
  });
});
