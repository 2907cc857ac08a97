import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../config/user-error.ts';
import { type Db, isConnectionFailure } from '../../db/connect.ts';
import { type CommandContext, onDatabase } from '../context.ts';
import { withDatabase } from '../database-session.ts';
import { tradedAccount } from '../traded-account.ts';
import { type RunningInstance, readRunningInstance } from '../up/instance-file.ts';

const PAUSE_MS = 500;
/** PostgreSQL's code for a table that is not there. */
const UNDEFINED_TABLE = '42P01';

/**
 * Runs `work` on the ledger of the traded account, as soon as PostgreSQL answers and again from its beginning when it is
 * lost on the way. Other than for most commands the bot may be starting or stopping, and the database of another version.
 *
 * @param onWaiting told once, when PostgreSQL cannot be reached
 * @throws what the last try threw, when `giveUpAt` (an instant of `performance.now()`) has passed
 */
export async function reachLedger<T>(
  context: CommandContext,
  giveUpAt: number,
  onWaiting: (error: Error, instance: RunningInstance | null) => void,
  work: (db: Db, account: string) => Promise<T>,
): Promise<T> {
  for (let waited = false; ; waited = true) {
    const instance = readRunningInstance(context.dataDir);
    const url = context.settings.DATABASE_URL ?? instance?.databaseUrl;
    const there = onDatabase(context, url);
    const accountOf = async (db: Db) =>
      instance?.account && instance.databaseUrl === url ? instance.account : tradedAccount(there, db);
    try {
      return await withDatabase(there, async (db) => work(db, await accountOf(db)), { migrated: false });
    } catch (error) {
      if ((error as { code?: unknown }).code === UNDEFINED_TABLE) {
        throw new UserError('this database has never been traded with: there is nothing to halt');
      }
      if (!isConnectionFailure(error) || performance.now() >= giveUpAt) throw error;
      if (!waited) onWaiting(error as Error, instance);
      await sleep(PAUSE_MS);
    }
  }
}
