import { UserError } from '../config/user-error.ts';
import type { Db } from '../db/connect.ts';
import { readTradedAccounts } from '../db/market-accounts.ts';
import { type CommandContext, readyInstance } from './context.ts';

/** The account a list is about: the running instance's, else the only one of the database. */
export async function tradedAccount(context: CommandContext, db: Db): Promise<string> {
  const running = context.settings.DATABASE_URL === undefined ? readyInstance(context)?.account : undefined;
  if (running) return running;
  const [account, ...others] = await readTradedAccounts(db);
  if (account === undefined) throw new UserError('nothing has been traded yet; start the bot with: npm start');
  if (others.length > 0) {
    throw new UserError(
      `the database holds several accounts (${[account, ...others].join(', ')}); start the bot to choose`,
    );
  }
  return account;
}
