import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EMBEDDED_EXCHANGE, type TradedAccount } from '../../config/account.ts';
import { bindAccount, requireBoundAccount } from '../../db/account-binding.ts';
import { readSetting } from '../../db/bot-settings.ts';
import type { Db } from '../../db/connect.ts';
import { ensureMarketAccounts } from '../../db/first-start.ts';
import { BTC, createLedgerDatabase } from '../support/ledger.ts';

let db: Db;
let close: () => Promise<void>;
beforeEach(async () => {
  ({ db, close } = await createLedgerDatabase());
});
afterEach(() => close());

const paper = (account: string, endpoint = EMBEDDED_EXCHANGE): TradedAccount => ({ account, mode: 'paper', endpoint });
const HERE = 'http://127.0.0.1:8787';

describe('a database', () => {
  it('takes the account it is first used with again', async () => {
    await bindAccount(db, paper('paper-aaaaaaaa'));
    await bindAccount(db, paper('paper-aaaaaaaa'));
    expect(await readSetting(db, 'account_paper')).toBe(
      JSON.stringify({ account: 'paper-aaaaaaaa', endpoint: EMBEDDED_EXCHANGE }),
    );
  });

  it.each([
    { what: 'another key', first: paper('paper-aaaaaaaa'), next: paper('paper-bbbbbbbb') },
    { what: 'another exchange', first: paper('paper-a', HERE), next: paper('paper-a', 'http://127.0.0.1:9000') },
    { what: 'an exchange far away', first: paper('paper-a'), next: paper('paper-a', 'https://api.upbit.com') },
    { what: 'both', first: paper('paper-a'), next: paper('paper-b', HERE) },
  ])('refuses $what, and names both', async ({ first, next }) => {
    await bindAccount(db, first);

    await expect(bindAccount(db, next)).rejects.toThrow(
      'the ledger in this database is that of another paper account:\n' +
        `  it holds:  account ${first.account} at ${first.endpoint}\n` +
        `  asked for: account ${next.account} at ${next.endpoint}\n` +
        'start with the key and the exchange it holds',
    );
    await expect(requireBoundAccount(db, next)).rejects.toThrow('it holds');
    await bindAccount(db, first);
  });

  it('takes an exchange on this machine that answers to the key of the embedded one, on any port', async () => {
    await bindAccount(db, paper('paper-a'));
    for (const endpoint of [HERE, 'http://127.0.0.1:9000']) await requireBoundAccount(db, paper('paper-a', endpoint));
  });

  it('refuses an account beside one that it trades since before bindings were kept', async () => {
    await ensureMarketAccounts(db, 'paper-old', [BTC], '1000');

    await expect(bindAccount(db, paper('paper-new'))).rejects.toThrow(/it holds: {2}account paper-old\n/);
    expect(await readSetting(db, 'account_paper')).toBeUndefined();
    await bindAccount(db, paper('paper-old'));
  });

  it('holds one account for each mode', async () => {
    await ensureMarketAccounts(db, 'live-cccccccc', [BTC], '1000');
    await bindAccount(db, { account: 'live-cccccccc', mode: 'live', endpoint: 'https://api.upbit.com' });
    await bindAccount(db, paper('paper-aaaaaaaa'));
  });

  it('lets one of several that start at once win', async () => {
    const wanted = Array.from({ length: 6 }, (_, n) => paper(`paper-${n}`));
    const outcomes = await Promise.allSettled(wanted.map((account) => bindAccount(db, account)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

it('looking alone records nothing', async () => {
  await requireBoundAccount(db, paper('paper-a'));
  expect(await readSetting(db, 'account_paper')).toBeUndefined();
});
