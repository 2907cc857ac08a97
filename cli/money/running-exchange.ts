import { accountToTrade, type TradedAccount } from '../../config/account.ts';
import { UserError } from '../../config/user-error.ts';
import type { Exchange } from '../../exchange/port.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { type CommandContext, readyInstance, startCommand } from '../context.ts';
import { describedBot } from '../described-bot.ts';
import { accountKeys } from '../up/account-keys.ts';
import type { InstanceDetails } from '../up/instance-file.ts';
import { paperKeys } from '../up/paper-keys.ts';

/** @throws {UserError} when no bot runs on the data directory, and the settings describe none */
export function requireRunning(context: CommandContext, purpose: string): InstanceDetails {
  const instance = readyInstance(context) ?? describedBot(context.settings, accountToTrade);
  if (instance !== null) return instance;
  throw new UserError(
    `no durabit is running on data directory ${context.dataDir}, and only its exchange knows ${purpose}; start it with: ${startCommand(context.dataDir)}`,
  );
}

/**
 * The exchange of the running bot, with the keys of the account.
 *
 * @param purpose what only the exchange knows, for the message when nothing runs
 * @throws {UserError} when nothing runs, or the keys set here are not those of the account that is traded
 */
export function runningExchange(context: CommandContext, account: string, purpose: string): Exchange {
  const { dataDir, settings } = context;
  const instance = requireRunning(context, purpose);
  const keyed = tradedHere(context)?.account ?? 'none';
  if (instance.account !== account || keyed !== account) {
    throw new UserError(
      `the ledger is that of account ${account}, the running bot trades ${instance.account ?? 'none'} and the settings ` +
        `here name ${keyed}; use the data directory, DATABASE_URL and UPBIT_… settings the bot was started with`,
    );
  }
  return createUpbitClient({ baseUrl: instance.exchangeUrl, keys: accountKeys(settings, dataDir) });
}

/** The account that the settings and the keys of the data directory say is traded. */
function tradedHere({ settings, dataDir }: CommandContext): TradedAccount | null {
  // A container cannot write, so that keys nobody needs must not be minted there.
  return accountToTrade(settings, settings.UPBIT_BASE_URL === undefined ? paperKeys(dataDir).accessKey : undefined);
}
