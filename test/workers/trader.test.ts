import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { childEnvironment } from '../../cli/up/child-environment.ts';
import { EMBEDDED_EXCHANGE } from '../../config/account.ts';
import { bindAccount } from '../../db/account-binding.ts';
import { startForTest } from '../exchange/paper/paper.ts';
import { startTunnel } from '../exchange/tunnel.ts';
import { useLedgerDatabase } from '../support/ledger.ts';
import { temporalAddress } from '../support/temporal.ts';

const { db, url } = await useLedgerDatabase();

beforeAll(async () => {
  await bindAccount(db, { account: 'paper-aaaaaaaa', mode: 'paper', endpoint: EMBEDDED_EXCHANGE });
});

const KEYS = { UPBIT_ACCESS_KEY: 'another', UPBIT_SECRET_KEY: 'not-to-be-shown' };

it.each([
  {
    what: 'with real money',
    env: { ...KEYS, TRADING_MODE: 'live', UPBIT_BASE_URL: 'https://api.upbit.com' },
    says: 'TRADING_MODE=live: trading with real money is not released yet',
  },
  {
    what: 'on an exchange that may take real money',
    env: { ...KEYS, TRADING_MODE: 'paper', UPBIT_BASE_URL: 'https://api.upbit.com' },
    says: 'the exchange at https://api.upbit.com is not on this machine',
  },
  {
    what: 'another account than the database holds',
    env: { ...KEYS, TRADING_MODE: 'paper', UPBIT_BASE_URL: 'http://127.0.0.1:9' },
    says: 'it holds:  account paper-aaaaaaaa at the paper exchange of durabit up',
  },
])('a trader started by itself does not trade $what', { timeout: 30_000 }, ({ env, says }) => expectRefusal(env, says));

it('a trader started by itself does not trade on an exchange here that may take real money', {
  timeout: 30_000,
}, async () => {
  const tunnel = await startTunnel((await startForTest()).url);

  await expectRefusal(
    { ...KEYS, TRADING_MODE: 'paper', UPBIT_BASE_URL: tunnel.url },
    `${tunnel.url} is not a paper exchange of durabit`,
  );

  expect(tunnel.signed).toEqual([]);
});

async function expectRefusal(env: Record<string, string>, says: string): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', '..', 'workers', 'trader.ts')], {
    env: childEnvironment({ ...env, DATABASE_URL: url, TEMPORAL_ADDRESS: temporalAddress() }),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // One that trades after all must not outlive the test.
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (part) => {
    said += part;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));

  expect(code, said).toBe(1);
  expect(said).toContain(says);
  expect(said).not.toContain('not-to-be-shown');
}
