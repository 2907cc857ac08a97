import { EMBEDDED_EXCHANGE } from '../../config/account.ts';
import { readBoundEndpoint } from '../../db/account-binding.ts';
import type { Db } from '../../db/connect.ts';

/** KRW a new account of the embedded paper exchange holds, by contract. */
const EMBEDDED_OPENING_KRW = '10000000';

/** What the account began with: known only of the exchange `durabit up` brings; undefined for every other one. */
export async function openingKrwOf(db: Db, account: string): Promise<string | undefined> {
  return (await readBoundEndpoint(db, account)) === EMBEDDED_EXCHANGE ? EMBEDDED_OPENING_KRW : undefined;
}
