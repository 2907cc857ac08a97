import { accountName } from '../../config/account.ts';
import { UserError } from '../../config/user-error.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { auditAccount } from '../audit/audit.ts';
import { openingKrwOf } from '../audit/paper-opening.ts';
import { auditText } from '../audit/report.ts';
import { type CommonOptions, commandContext, readyInstance } from '../context.ts';
import { withDatabase } from '../database-session.ts';
import { renderJson } from '../output.ts';
import { paperKeys } from '../up/paper-keys.ts';

/** Holds the ledger of the running bot against its exchange; ends with 1 when they differ. */
export async function audit(options: CommonOptions): Promise<void> {
  const context = commandContext(options);
  const instance = readyInstance(context);
  if (instance === null) {
    throw new UserError(
      `no durabit is running on data directory ${context.dataDir}: the exchange's own records are needed; start it with: npm start`,
    );
  }
  if (context.settings.UPBIT_BASE_URL !== undefined || instance.account === null) {
    throw new UserError('nothing is traded on an exchange of your own (UPBIT_BASE_URL): there is nothing to audit');
  }
  const keys = paperKeys(context.dataDir);
  const account = accountName('paper', keys.accessKey);
  const exchange = createUpbitClient({ baseUrl: instance.exchangeUrl, keys });
  const result = await withDatabase(context, (db) =>
    auditAccount({ exchange, db, account, openingKrw: openingKrwOf(account) }),
  );
  context.output.result(options.json ? renderJson(result) : auditText(result));
  if (!result.ledger_equals_exchange) process.exitCode = 1;
}
