import { readPositions } from '../../db/positions.ts';
import { grouped } from '../output.ts';
import { type ListOptions, listCommand } from './list-command.ts';

/** What each market's sub-account holds and what it has earned. */
export function positions(options: ListOptions): Promise<void> {
  const krw = (value: unknown) => (value === null ? '' : grouped(String(value)));
  return listCommand(options, {
    read: async (db, query) =>
      (await readPositions(db, query.account))
        .filter((row) => query.market === undefined || row.market === query.market)
        .slice(0, query.limit),
    show: (row) => ({
      ...row,
      cash: krw(row.cash),
      average_cost: krw(row.average_cost),
      price: krw(row.price),
      equity: krw(row.equity),
      realised_profit: krw(row.realised_profit),
    }),
    columns: [
      ['market', 'MARKET'],
      ['cash', 'CASH KRW'],
      ['quantity', 'COINS'],
      ['average_cost', 'AVERAGE COST'],
      ['price', 'LAST CLOSE'],
      ['equity', 'WORTH KRW'],
      ['realised_profit', 'REALISED KRW'],
    ],
    none: 'no sub-accounts yet',
  });
}
