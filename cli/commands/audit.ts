import { auditAccount } from '../audit/audit.ts';
import { openingKrwOf } from '../audit/paper-opening.ts';
import { auditText } from '../audit/report.ts';
import { type CommonOptions, commandContext } from '../context.ts';
import { withDatabase } from '../database-session.ts';
import { requireRunning, runningExchange } from '../money/running-exchange.ts';
import { renderJson } from '../output.ts';
import { tradedAccount } from '../traded-account.ts';

const PURPOSE = 'what was ordered and filled';

/** Holds the ledger of the running bot against its exchange; ends with 1 when they differ. */
export async function audit(options: CommonOptions): Promise<void> {
  const context = commandContext(options);
  requireRunning(context, PURPOSE);
  const result = await withDatabase(context, async (db) => {
    const account = await tradedAccount(context, db);
    const exchange = runningExchange(context, account, PURPOSE);
    return auditAccount({ exchange, db, account, openingKrw: await openingKrwOf(db, account) });
  });
  context.output.result(options.json ? renderJson(result) : auditText(result));
  if (!result.ledger_equals_exchange) process.exitCode = 1;
}
