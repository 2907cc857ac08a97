import { expect, it } from 'vitest';
import { tradedAccount } from '../../cli/traded-account.ts';
import { readSettings } from '../../config/settings.ts';
import { ensureMarketAccounts } from '../../db/first-start.ts';
import { BTC, useLedgerDatabase } from '../support/ledger.ts';

const { db, url } = await useLedgerDatabase();

function asked(env: Record<string, string> = {}): Promise<string> {
  const settings = readSettings({ DATABASE_URL: url, ...env });
  const output = { result: () => undefined, note: () => undefined };
  return tradedAccount({ env: {}, settings, dataDir: '/nowhere', output }, db);
}

it('a list is about the only account of the database, else about the one of the mode that is set', async () => {
  await expect(asked()).rejects.toThrow('nothing has been traded yet');

  await ensureMarketAccounts(db, 'paper-aaaaaaaa', [BTC], '1000');
  expect(await asked()).toBe('paper-aaaaaaaa');
  await expect(asked({ TRADING_MODE: 'live' })).rejects.toThrow('nothing with TRADING_MODE=live has been traded yet');

  await ensureMarketAccounts(db, 'live-bbbbbbbb', [BTC], '1000');
  await expect(asked()).rejects.toThrow('(live-bbbbbbbb, paper-aaaaaaaa); choose with TRADING_MODE');
  expect(await asked({ TRADING_MODE: 'live' })).toBe('live-bbbbbbbb');
  expect(await asked({ TRADING_MODE: 'paper' })).toBe('paper-aaaaaaaa');
});
