import { addressesOf, type RunAddresses } from '../../cli/up/run-addresses.ts';
import { accountToTrade, type TradedAccount } from '../../config/account.ts';
import { type Market, parseMarket } from '../../config/market.ts';
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
  const missing = (['DATABASE_URL', 'TEMPORAL_ADDRESS', 'UPBIT_BASE_URL'] as const).filter(
    (name) => settings[name] === undefined,
  );
  if (missing.length > 0) throw new UserError(`not set: ${missing.join(', ')}; docker-compose.yml gives them`, 2);
  const traded = accountToTrade(settings);
  const request = {
    feed: 'simulated',
    replay: [],
    seed: 1,
    speed: speedOf(settings),
    markets: marketsOf(settings),
  } as const;
  // The data directory is that of embedded servers, of which there are none.
  return { settings, traded, addresses: addressesOf(request, settings, '', traded) };
}

/** Market seconds in a second of the wall's, from the length of a candle. */
export function speedOf({ CANDLE_INTERVAL_MS }: Pick<Settings, 'CANDLE_INTERVAL_MS'>): number {
  return 60_000 / CANDLE_INTERVAL_MS;
}

/** The markets that are collected and traded, which the paper exchange must list. */
export function marketsOf({ MARKETS }: Pick<Settings, 'MARKETS'>): readonly Market[] {
  return MARKETS ?? [parseMarket('KRW-BTC')];
}
