import { endpointOf, isLoopback } from './endpoint.ts';
import { UserError } from './user-error.ts';

/** Whose prices and whose money: `paper` both of a paper exchange, `shadow` real prices, `live` both real. */
export const TRADING_MODES = ['paper', 'shadow', 'live'] as const;

export type TradingMode = (typeof TRADING_MODES)[number];

export interface TradingModeSettings {
  readonly TRADING_MODE?: TradingMode | undefined;
  readonly UPBIT_BASE_URL?: string | undefined;
  readonly UPBIT_ACCESS_KEY?: string | undefined;
  readonly UPBIT_SECRET_KEY?: string | undefined;
}

/**
 * The mode a run trades in, or null where candles are only collected: on an exchange of the user's own nothing is
 * traded unless `TRADING_MODE` asks for it.
 *
 * @throws {UserError} for a mode that is not released, or that does not fit exchange and keys
 */
export function tradedMode(settings: TradingModeSettings): 'paper' | null {
  const { TRADING_MODE: mode, UPBIT_BASE_URL: url } = settings;
  if (mode === 'live') {
    throw new UserError(
      'TRADING_MODE=live: trading with real money is not released yet, because the client has not been hardened ' +
        'against everything Upbit may answer. Trade with paper money (TRADING_MODE=paper), or collect candles of ' +
        'Upbit without trading: UPBIT_BASE_URL=https://api.upbit.com and no TRADING_MODE',
      2,
    );
  }
  if (mode === 'shadow') {
    throw new UserError(
      'TRADING_MODE=shadow: filling orders on paper at live prices is not built yet; use TRADING_MODE=paper',
      2,
    );
  }
  if (url === undefined) return 'paper';
  if (mode === undefined) return null;
  if (!isLoopback(url)) {
    throw new UserError(
      `TRADING_MODE=paper: the exchange at ${endpointOf(url)} is not on this machine and may take real money. ` +
        'Remove UPBIT_BASE_URL to trade on the paper exchange that durabit up starts, or remove TRADING_MODE to only ' +
        'collect candles from there',
      2,
    );
  }
  const missing = (['UPBIT_ACCESS_KEY', 'UPBIT_SECRET_KEY'] as const).filter((name) => settings[name] === undefined);
  if (missing.length > 0) {
    throw new UserError(
      `TRADING_MODE=paper with UPBIT_BASE_URL=${endpointOf(url)}: ${missing.join(' and ')} not set; give the ` +
        'keys that paper exchange was started with (PAPER_ACCESS_KEY, PAPER_SECRET_KEY)',
      2,
    );
  }
  return 'paper';
}
