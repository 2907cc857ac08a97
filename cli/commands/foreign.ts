import { UserError } from '../../config/user-error.ts';
import { classifyForeignOrder, readForeignOrders, type WhoseOrder } from '../../db/foreign-orders.ts';
import { NotInLedger } from '../../db/ledger-errors.ts';
import type { CommonOptions } from '../context.ts';
import { withLedger } from '../money/ledger-session.ts';
import { grouped, renderJson } from '../output.ts';
import { type ListOptions, listCommand } from './list-command.ts';

/** Orders on the account that the ledger does not explain, newest first, and whose they are. */
export function foreign(options: ListOptions): Promise<void> {
  return listCommand(options, {
    read: readForeignOrders,
    show: (row) => ({
      ...row,
      side: row.side === 'bid' ? 'buy' : 'sell',
      executed_funds: grouped(String(row.executed_funds)),
      classified_as: row.booked_at === null ? (row.classified_as ?? 'nobody has said') : 'ours, booked since',
    }),
    columns: [
      ['exchange_order_id', 'ORDER AT THE EXCHANGE'],
      ['market', 'MARKET'],
      ['side', 'SIDE'],
      ['executed_quantity', 'EXECUTED'],
      ['executed_funds', 'FUNDS KRW'],
      ['state', 'STATE'],
      ['classified_as', 'WHOSE'],
      ['note', 'NOTE'],
    ],
    none: 'no orders of others on the account',
  });
}

export interface ClassifyOptions extends CommonOptions {
  readonly as: WhoseOrder;
  readonly note: string;
}

/** Says whose an order is, so that `durabit status` tells of it no more. No money moves. */
export function classifyForeign(exchangeOrderId: string, options: ClassifyOptions): Promise<void> {
  return withLedger(options, async ({ context, db, account }) => {
    const order = await classifyForeignOrder(db, account, exchangeOrderId, options.as, options.note).catch((error) => {
      if (!(error instanceof NotInLedger)) throw error;
      throw new UserError(`${error.message}; those there are: durabit foreign`);
    });
    context.output.result(options.json ? renderJson(order) : `${exchangeOrderId} is ${options.as}: ${order.note}`);
  });
}
