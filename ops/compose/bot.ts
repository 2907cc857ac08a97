import { DESCRIBED_BY, describedBot } from '../../cli/described-bot.ts';
import type { RunAddresses } from '../../cli/up/run-addresses.ts';
import { accountToTrade, type TradedAccount } from '../../config/account.ts';
import { readSettings, type Settings } from '../../config/settings.ts';
import { UserError } from '../../config/user-error.ts';

/** The bot of a composed set-up, as the environment of its containers describes it. */
export interface ComposedBot {
  readonly settings: Settings;
  readonly addresses: RunAddresses;
  /** null where candles are only collected. */
  readonly traded: TradedAccount | null;
}

/** @throws {UserError} naming every setting that is wrong, or that a container needs and was not given */
export function composedBot(env: Record<string, string | undefined> = process.env): ComposedBot {
  const settings = readSettings(env);
  const addresses = describedBot(settings, accountToTrade);
  if (addresses !== null) return { settings, addresses, traded: accountToTrade(settings) };
  const missing = DESCRIBED_BY.filter((name) => settings[name] === undefined);
  throw new UserError(`not set: ${missing.join(', ')}; docker-compose.yml gives them`, 2);
}
