import type { Market } from '../../config/market.ts';
import type { Db } from '../../db/connect.ts';
import type { ListQuery } from '../../db/list-query.ts';
import { type CommonOptions, commandContext } from '../context.ts';
import { withDatabase } from '../database-session.ts';
import { renderJson, renderTable } from '../output.ts';
import { tradedAccount } from '../traded-account.ts';

export interface ListOptions extends CommonOptions {
  readonly market?: Market;
  readonly limit: number;
}

type Row = Record<string, unknown>;

/** A list of the traded account, newest first: JSON as the table's columns are named, or a table for people. */
export async function listCommand(
  options: ListOptions,
  list: {
    readonly read: (db: Db, query: ListQuery) => Promise<readonly Row[]>;
    readonly columns: readonly (readonly [key: string, heading: string])[];
    /** What people read instead of a raw column. */
    readonly show?: (row: Row) => Row;
    readonly none: string;
  },
): Promise<void> {
  const context = commandContext(options);
  const rows = await withDatabase(context, async (db) =>
    list.read(db, { account: await tradedAccount(context, db), market: options.market, limit: options.limit }),
  );
  if (options.json) context.output.result(renderJson(rows));
  else if (rows.length === 0) context.output.result(list.none);
  else context.output.result(renderTable(list.show ? rows.map(list.show) : rows, list.columns));
}
