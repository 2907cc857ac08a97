import { readLedgerEntries } from '../../db/ledger-entries.ts';
import { proveLedger } from '../../db/ledger-rebuild.ts';
import type { CommonOptions } from '../context.ts';
import { withLedger } from '../money/ledger-session.ts';
import { proofRow, proofText } from '../money/proof-report.ts';
import { grouped, renderJson } from '../output.ts';
import { type ListOptions, listCommand } from './list-command.ts';

/** Everything that moved the sub-accounts' money, newest first: what the owner gave and took, fills, adjustments. */
export function ledger(options: ListOptions): Promise<void> {
  return listCommand(options, {
    read: readLedgerEntries,
    show: (row) => ({ ...row, cash: grouped(String(row.cash)), cost: row.cost && grouped(String(row.cost)) }),
    columns: [
      ['at', 'AT'],
      ['market', 'MARKET'],
      ['kind', 'KIND'],
      ['cash', 'CASH KRW'],
      ['quantity', 'COINS'],
      ['cost', 'COST KRW'],
      ['note', 'NOTE'],
    ],
    none: 'nothing has moved yet',
  });
}

/** Proves every sub-account from its entries; ends with 1 when a figure is not what they make of it. */
export function verify(options: CommonOptions): Promise<void> {
  return withLedger(options, async ({ context, db, account }) => {
    const markets = (await proveLedger(db, account)).map(proofRow);
    const proven = markets.every((market) => market.proven);
    context.output.result(options.json ? renderJson({ account, proven, markets }) : proofText(account, markets));
    if (!proven) process.exitCode = 1;
  });
}
