import { expect, it } from 'vitest';
import { openingKrwOf } from '../../../cli/audit/paper-opening.ts';
import { EMBEDDED_EXCHANGE } from '../../../config/account.ts';
import { bindAccount } from '../../../db/account-binding.ts';
import { useLedgerDatabase } from '../../support/ledger.ts';

const { db } = await useLedgerDatabase();

it('what an account began with is known of the exchange the bot brings, and of no other', async () => {
  expect(await openingKrwOf(db, 'paper-00000001')).toBeUndefined();
  await bindAccount(db, { account: 'paper-00000001', mode: 'paper', endpoint: EMBEDDED_EXCHANGE });
  expect(await openingKrwOf(db, 'paper-00000001')).toBe('10000000');
  expect(await openingKrwOf(db, 'paper-00000002')).toBeUndefined();

  await bindAccount(db, { account: 'shadow-00000001', mode: 'shadow', endpoint: 'http://127.0.0.1:9999' });
  expect(await openingKrwOf(db, 'shadow-00000001')).toBeUndefined();
});
