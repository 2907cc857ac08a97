import { UserError } from '../../config/user-error.ts';
import { ReferenceTaken } from '../../db/cash-flows.ts';
import type { Db } from '../../db/connect.ts';
import { InsufficientFree } from '../../db/ledger-errors.ts';
import { type CommandContext, type CommonOptions, commandContext } from '../context.ts';
import { withDatabase } from '../database-session.ts';
import { tradedAccount } from '../traded-account.ts';

/** The ledger a command moves money in. */
export interface LedgerSession {
  readonly context: CommandContext;
  readonly db: Db;
  readonly account: string;
}

/** Runs `work` on the traded account's ledger; what the ledger refuses is the person's to mend. @throws {UserError} */
export function withLedger<T>(options: CommonOptions, work: (session: LedgerSession) => Promise<T>): Promise<T> {
  const context = commandContext(options);
  return withDatabase(context, async (db) => {
    try {
      return await work({ context, db, account: await tradedAccount(context, db) });
    } catch (error) {
      if (error instanceof InsufficientFree) {
        throw new UserError(`${error.message}; take at most what is free (durabit positions). Nothing was changed`);
      }
      if (error instanceof ReferenceTaken) {
        throw new UserError(`${error.message}; choose another --reference. Nothing was changed`, 2);
      }
      throw error;
    }
  });
}
