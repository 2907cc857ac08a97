import { type SettledAsNotSent, settleAsNotSent } from '../../activities/trading/settle-as-not-sent.ts';
import { UserError } from '../../config/user-error.ts';
import type { Db } from '../../db/connect.ts';
import { readDatabaseClock } from '../../db/order-outcomes.ts';
import { type Order, readOrder } from '../../db/orders.ts';
import { mayArriveUntil } from '../../db/sent-orders.ts';
import { ExchangeError } from '../../exchange/errors.ts';
import type { CommonOptions } from '../context.ts';
import { reachExchange } from '../halt/reach-exchange.ts';
import { withLedger } from '../money/ledger-session.ts';
import { grouped, renderJson, wallTime } from '../output.ts';
import { operatorName } from './operate.ts';

/** What an owner may say about an order that nobody finds. */
export type SettledAs = 'not-sent';

export interface SettleOrderOptions extends CommonOptions {
  readonly as: SettledAs;
  readonly reason: string;
}

/** Ends an order that may have been sent and is not found, by its owner's word; the exchange is asked first. */
export function settleOrder(identifier: string, options: SettleOrderOptions): Promise<void> {
  return withLedger(options, async ({ context, db, account }) => {
    const order = await requireOwn(db, account, identifier);
    const reached = reachExchange(context, account);
    if (reached.kind === 'not-reached') {
      throw new UserError(`${reached.why}. Nothing was changed: the exchange has to be asked for the order first`);
    }
    const at = wallTime(await readDatabaseClock(db));
    const why = `settled as ${options.as} by ${operatorName()}, ${at}: ${options.reason}`;
    const outcome = await settleAsNotSent({ db, ...reached }, identifier, why).catch((error: unknown) => {
      if (!(error instanceof ExchangeError)) throw error;
      throw new UserError(`${error.message}. Nothing was given up: the exchange has to be asked for the order first`);
    });
    if (outcome.kind !== 'settled') throw new UserError(refusal(outcome));
    context.output.result(options.json ? renderJson(outcome.order) : settledText(outcome.order, order));
  });
}

async function requireOwn(db: Db, account: string, identifier: string): Promise<Order> {
  const order = await readOrder(db, identifier);
  if (order?.account === account) return order;
  throw new UserError(`account ${account} has no order ${identifier}; those there are: durabit orders`, 2);
}

function settledText(order: Order, before: Order): string {
  const { identifier, market, status_reason: why } = order;
  const freed = before.side === 'bid' ? `${grouped(before.reserved_cash)} KRW` : `${before.reserved_quantity} coins`;
  return [
    `${identifier} is expired: ${why}`,
    `${freed} are free again in ${market}. Should the order turn up at the exchange within a week, it is cancelled there and what it filled is booked.`,
    ...(isOnItsWay(order) ? [stillOnItsWay(order)] : []),
  ].join('\n');
}

/** @param order as it was settled just now, by the database's clock */
function isOnItsWay(order: Order): boolean {
  return order.settled_at !== null && order.settled_at < mayArriveUntil(order);
}

function stillOnItsWay(order: Order): string {
  return `Its request may be on its way until ${wallTime(mayArriveUntil(order))}, and would come beside a later order: until then npx durabit halt names it as not known.`;
}

/** Why an order stays what it is, and what to do. */
function refusal(outcome: Exclude<SettledAsNotSent, { readonly kind: 'settled' }>): string {
  const { identifier, status, market } = outcome.order;
  if (outcome.kind === 'contradicted') {
    return `the exchange has ${identifier}, and the ledger refuses it: ${outcome.why}; see docs/operations.md, "An order that contradicts the ledger"`;
  }
  if (outcome.kind === 'at-exchange') {
    if (outcome.order.exchange_order_id !== null)
      return `the exchange has ${identifier}: it is booked, and ${status} now`;
    return status === 'unknown' || status === 'expired'
      ? `the exchange has ${identifier}. It cannot trade on, and is booked as soon as no other order of ${market} is on its way`
      : `the exchange has ${identifier}, and the ledger has it as ${status}: npx durabit audit shows both`;
  }
  const why = {
    intended: 'it was never sent, and expires by itself at its deadline',
    sending: 'it may still be on its way: try again a few seconds after its deadline',
    expired: `given up already (${outcome.order.status_reason})`,
  };
  return `${identifier} is ${status}: ${why[status as keyof typeof why] ?? 'nothing about it is open'}. Only an order that is unknown can be settled`;
}
