import type { Client } from '@temporalio/client';
import { UserError } from '../../config/user-error.ts';
import type { Db } from '../../db/connect.ts';
import { readTradedAccounts } from '../../db/market-accounts.ts';
import { scheduledAccounts } from '../../schedules/operate.ts';
import type { RunAddresses } from './run-addresses.ts';

/**
 * Holds the schedules that are there against the database: those that trade an account it does not are another bot's,
 * and a start would delete them and end their runs. What this database traded before is ours to change or to end.
 *
 * @throws {UserError} naming account and namespace
 */
export async function requireOwnSchedules(client: Client, db: Db, instance: RunAddresses): Promise<void> {
  const scheduled = await scheduledAccounts(client);
  const own = new Set([instance.account, ...(await readTradedAccounts(db))]);
  const others = scheduled.filter((account) => !own.has(account));
  if (others.length === 0) return;
  throw new UserError(
    `the schedules in namespace ${instance.temporalNamespace} of Temporal at ${instance.temporalAddress} trade account ` +
      `${others.join(', ')}, which this database does not: they are another bot's, and nothing of them was changed. Give ` +
      `this bot a namespace of its own, such as TEMPORAL_NAMESPACE=${instance.temporalNamespace}-2; or start it with the ` +
      'database and the keys of that one (--data-dir, DATABASE_URL, UPBIT_…)',
    2,
  );
}
