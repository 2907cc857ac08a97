import { hideFromPrint } from '../../config/hide-from-print.ts';
import type { Settings } from '../../config/settings.ts';
import { UserError } from '../../config/user-error.ts';
import type { UpbitKeys } from '../../exchange/upbit/authorization.ts';
import { paperKeys } from './paper-keys.ts';

/**
 * Keys of the account that a run on the data directory trades: the user's own at an exchange of the user's own, else
 * those minted for the paper exchange that `durabit up` starts.
 *
 * @throws {UserError} when the exchange is the user's own and a key is not set
 */
export function accountKeys(settings: Settings, dataDir: string): UpbitKeys {
  const { UPBIT_BASE_URL: own, UPBIT_ACCESS_KEY: accessKey, UPBIT_SECRET_KEY: secretKey } = settings;
  if (own === undefined) return paperKeys(dataDir);
  if (accessKey === undefined || secretKey === undefined) {
    throw new UserError(
      'UPBIT_ACCESS_KEY and UPBIT_SECRET_KEY are not both set; the account at UPBIT_BASE_URL needs them',
      2,
    );
  }
  return hideFromPrint({ accessKey, secretKey });
}
