import { createHash } from 'node:crypto';
import { endpointOf } from './endpoint.ts';
import { type TradingMode, type TradingModeSettings, tradedMode } from './trading-mode.ts';

/**
 * Where the paper exchange of `durabit up` is, as far as an account is concerned: its port may change from start to
 * start, and its key, minted with the data directory, tells it from every other.
 */
export const EMBEDDED_EXCHANGE = 'the paper exchange of durabit up';

/** An exchange account as the ledger knows it. */
export interface TradedAccount {
  /** `paper-3f9a01c2` */
  readonly account: string;
  readonly mode: TradingMode;
  /** What tells its exchange from others: {@link EMBEDDED_EXCHANGE} or an address. */
  readonly endpoint: string;
}

/**
 * Name of the account behind a key, which every money table carries: `paper-3f9a01c2`. Made from the key so that the
 * ledger of one account is never continued with another; nobody gets the key back from it.
 */
export function accountName(mode: TradingMode, accessKey: string): string {
  return `${mode}-${createHash('sha256').update(accessKey).digest('hex').slice(0, 8)}`;
}

/**
 * The account that the settings say is traded; null where candles are only collected.
 *
 * @param embeddedKey access key of the paper exchange that is used where the settings name none
 * @throws {UserError} for a mode that is not released, or that does not fit exchange and keys
 */
export function accountToTrade(settings: TradingModeSettings, embeddedKey?: string): TradedAccount | null {
  const mode = tradedMode(settings);
  if (mode === null) return null;
  const { UPBIT_BASE_URL: url } = settings;
  const accessKey = url === undefined ? embeddedKey : settings.UPBIT_ACCESS_KEY;
  if (accessKey === undefined) throw new Error(`no access key for ${mode} trading`);
  return {
    account: accountName(mode, accessKey),
    mode,
    endpoint: url === undefined ? EMBEDDED_EXCHANGE : endpointOf(url),
  };
}
