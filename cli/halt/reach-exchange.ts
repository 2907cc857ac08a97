import { accountToTrade } from '../../config/account.ts';
import { endpointOf } from '../../config/endpoint.ts';
import { timeframeMs } from '../../config/timeframe.ts';
import { UserError } from '../../config/user-error.ts';
import { createExchangeClock, type ExchangeClock } from '../../exchange/exchange-clock.ts';
import type { TradingExchange } from '../../exchange/port.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import type { CommandContext } from '../context.ts';
import { accountKeys } from '../up/account-keys.ts';
import { readRunningInstance } from '../up/instance-file.ts';
import { paperKeys } from '../up/paper-keys.ts';

/** The exchange of an account, or in words why it cannot be asked. */
export type ReachedExchange =
  | {
      readonly kind: 'reached';
      readonly address: string;
      readonly exchange: TradingExchange;
      readonly clock: ExchangeClock;
    }
  | { readonly kind: 'not-reached'; readonly why: string; readonly cure: string };

/**
 * The running bot's exchange, whatever state the bot is in; where none runs, the one that the settings name. Asks
 * nothing yet.
 */
export function reachExchange({ dataDir, settings }: CommandContext, account: string): ReachedExchange {
  const instance = readRunningInstance(dataDir);
  const baseUrl = instance?.exchangeUrl ?? settings.UPBIT_BASE_URL;
  const cure = 'npx durabit halt with the data directory and the settings that the bot was started with';
  if (baseUrl === undefined) {
    return {
      kind: 'not-reached',
      why: 'no durabit runs, and its paper exchange stands still with it: what rests there rests on and cannot fill',
      cure: 'after the next start (npm start; it stays halted): npx durabit halt',
    };
  }
  try {
    const embeddedKey = settings.UPBIT_BASE_URL === undefined ? paperKeys(dataDir).accessKey : undefined;
    const keyed = accountToTrade(settings, embeddedKey)?.account ?? 'none';
    if (keyed !== account) {
      return {
        kind: 'not-reached',
        why: `the ledger is that of account ${account}, the settings here name ${keyed}`,
        cure,
      };
    }
    const clock = createExchangeClock(timeframeMs('1m') / (instance?.candleIntervalMs ?? settings.CANDLE_INTERVAL_MS));
    const exchange = createUpbitClient({ baseUrl, keys: accountKeys(settings, dataDir), observeClock: clock.ask });
    return { kind: 'reached', address: endpointOf(baseUrl), exchange, clock };
  } catch (error) {
    // Settings that do not fit must not keep the ledger from being halted.
    if (error instanceof UserError) return { kind: 'not-reached', why: error.message, cure };
    throw error;
  }
}
