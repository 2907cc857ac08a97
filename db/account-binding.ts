import { EMBEDDED_EXCHANGE, type TradedAccount } from '../config/account.ts';
import { isLoopback } from '../config/endpoint.ts';
import { TRADING_MODES, type TradingMode } from '../config/trading-mode.ts';
import { UserError } from '../config/user-error.ts';
import { keepFirstSetting, readSetting } from './bot-settings.ts';
import type { Db } from './connect.ts';
import { readTradedAccounts } from './market-accounts.ts';

const keyOf = (mode: TradingMode) => `account_${mode}`;

/**
 * Ties the database to an account, one for each mode, and the account to the exchange it is first used with: a ledger
 * that is continued with another account or at another exchange would be a lie. Of several who start at once one wins.
 *
 * @throws {UserError} naming what is recorded and what was asked for, when they differ
 */
export async function bindAccount(db: Db, wanted: TradedAccount): Promise<void> {
  const { mode, account, endpoint } = wanted;
  if ((await readSetting(db, keyOf(mode))) === undefined) {
    // A ledger from before bindings were kept.
    const traded = (await readTradedAccounts(db)).filter((name) => name.startsWith(`${mode}-`));
    const [other] = traded.filter((name) => name !== account);
    if (other !== undefined) throw mismatch(`account ${other}`, wanted);
  }
  requireSame(await keepFirstSetting(db, keyOf(mode), JSON.stringify({ account, endpoint })), wanted);
}

/**
 * For a worker started by itself: what is recorded must be what it is about to trade. Records nothing.
 *
 * @throws {UserError} as {@link bindAccount}
 */
export async function requireBoundAccount(db: Db, wanted: TradedAccount): Promise<void> {
  const kept = await readSetting(db, keyOf(wanted.mode));
  if (kept !== undefined) requireSame(kept, wanted);
}

/** The exchange an account is tied to, as {@link TradedAccount} names it; undefined for an account that is not. */
export async function readBoundEndpoint(db: Db, account: string): Promise<string | undefined> {
  const mode = TRADING_MODES.find((one) => account.startsWith(`${one}-`));
  const kept = mode === undefined ? undefined : await readSetting(db, keyOf(mode));
  if (kept === undefined) return undefined;
  const recorded = JSON.parse(kept) as Pick<TradedAccount, 'account' | 'endpoint'>;
  return recorded.account === account ? recorded.endpoint : undefined;
}

function requireSame(kept: string, wanted: TradedAccount): void {
  const recorded = JSON.parse(kept) as Pick<TradedAccount, 'account' | 'endpoint'>;
  const sameAccount = recorded.account === wanted.account;
  // The embedded exchange's key is minted with it: whoever on this machine answers to it is that exchange.
  const sameExchange =
    recorded.endpoint === wanted.endpoint || (recorded.endpoint === EMBEDDED_EXCHANGE && isLoopback(wanted.endpoint));
  if (!sameAccount || !sameExchange) throw mismatch(`account ${recorded.account} at ${recorded.endpoint}`, wanted);
}

function mismatch(recorded: string, { mode, account, endpoint }: TradedAccount): UserError {
  return new UserError(
    `the ledger in this database is that of another ${mode} account:\n` +
      `  it holds:  ${recorded}\n` +
      `  asked for: account ${account} at ${endpoint}\n` +
      'start with the key and the exchange it holds (an account is named after its access key), or use another ' +
      'database: another --data-dir, or another DATABASE_URL',
    2,
  );
}
