import { readTrades } from '../../db/trades.ts';
import { grouped } from '../output.ts';
import { type ListOptions, listCommand } from './list-command.ts';

/** Fills, newest first. */
export function trades(options: ListOptions): Promise<void> {
  return listCommand(options, {
    read: readTrades,
    show: (row) => ({
      ...row,
      side: row.side === 'bid' ? 'bought' : 'sold',
      price: grouped(String(row.price)),
      funds: grouped(String(row.funds)),
    }),
    columns: [
      ['executed_at', 'AT'],
      ['market', 'MARKET'],
      ['side', 'SIDE'],
      ['price', 'PRICE KRW'],
      ['quantity', 'QUANTITY'],
      ['funds', 'FUNDS KRW'],
      ['fee', 'FEE KRW'],
      ['identifier', 'ORDER'],
    ],
    none: 'no trades yet',
  });
}
