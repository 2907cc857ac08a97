import type { TradedAccount } from '../config/account.ts';
import { type Market, parseMarket } from '../config/market.ts';
import type { Settings } from '../config/settings.ts';
import { addressesOf, type RunAddresses } from './up/run-addresses.ts';

/** What a bot consists of that no `durabit up` started: all of these are somebody's servers. */
export const DESCRIBED_BY = ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'UPBIT_BASE_URL'] as const;

/**
 * The bot that the settings describe, its processes being somebody else's to start and to keep, such as a container
 * engine's; null where one of its servers would be an embedded one.
 *
 * @param whoTrades names the account; left out, it is null, and no keys are needed
 */
export function describedBot(
  settings: Settings,
  whoTrades: (settings: Settings) => TradedAccount | null = () => null,
): RunAddresses | null {
  if (DESCRIBED_BY.some((name) => settings[name] === undefined)) return null;
  const request = {
    feed: 'simulated',
    replay: [],
    seed: 1,
    speed: speedOf(settings),
    markets: marketsOf(settings),
  } as const;
  // The data directory is that of embedded servers, of which there are none.
  return addressesOf(request, settings, '', whoTrades(settings));
}

/** Market seconds in a second of the wall's, from the length of a candle. */
export function speedOf({ CANDLE_INTERVAL_MS }: Pick<Settings, 'CANDLE_INTERVAL_MS'>): number {
  return 60_000 / CANDLE_INTERVAL_MS;
}

/** The markets that are collected and traded, which the paper exchange must list. */
export function marketsOf({ MARKETS }: Pick<Settings, 'MARKETS'>): readonly Market[] {
  return MARKETS ?? [parseMarket('KRW-BTC')];
}
