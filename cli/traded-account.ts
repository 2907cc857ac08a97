import { UserError } from '../config/user-error.ts';
import type { Db } from '../db/connect.ts';
import { readTradedAccounts } from '../db/market-accounts.ts';
import { type CommandContext, readyInstance, startCommand } from './context.ts';

/** The account a list is about: the running instance's, else the database's only one, of `TRADING_MODE` if that is set. */
export async function tradedAccount(context: CommandContext, db: Db): Promise<string> {
  const running = context.settings.DATABASE_URL === undefined ? readyInstance(context)?.account : undefined;
  if (running) return running;
  const { TRADING_MODE: mode } = context.settings;
  const accounts = await readTradedAccounts(db);
  const [account, ...others] = accounts.filter((name) => mode === undefined || name.startsWith(`${mode}-`));
  if (account === undefined) {
    const what = mode === undefined || accounts.length === 0 ? 'nothing' : `nothing with TRADING_MODE=${mode}`;
    throw new UserError(`${what} has been traded yet; start the bot with: ${startCommand(context.dataDir)}`);
  }
  if (others.length > 0) {
    throw new UserError(
      `the database holds several accounts (${[account, ...others].join(', ')}); choose with TRADING_MODE`,
    );
  }
  return account;
}
