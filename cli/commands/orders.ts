import { readOrders } from '../../db/orders.ts';
import { grouped } from '../output.ts';
import { type ListOptions, listCommand } from './list-command.ts';

/** What was ordered and what came of it, newest first. */
export function orders(options: ListOptions): Promise<void> {
  return listCommand(options, {
    read: readOrders,
    show: (row) => ({ ...row, price: grouped(String(row.price)), side: row.side === 'bid' ? 'buy' : 'sell' }),
    columns: [
      ['identifier', 'ORDER'],
      ['side', 'SIDE'],
      ['price', 'PRICE KRW'],
      ['quantity', 'QUANTITY'],
      ['executed_quantity', 'EXECUTED'],
      ['status', 'STATUS'],
      ['status_reason', 'WHY'],
    ],
    none: 'no orders yet',
  });
}
