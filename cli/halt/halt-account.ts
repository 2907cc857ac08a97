import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../db/connect.ts';
import { findUnfinishedOrders, type Order } from '../../db/orders.ts';
import { findOrdersByIdentifier, findOrdersOnTheirWay, mayArriveUntil } from '../../db/sent-orders.ts';
import { haltTrading, readTradingState, SENDING_WINDOW_MS, type TradingState } from '../../db/trading-state.ts';
import type { BotId } from '../../strategy/order-identifier.ts';
import { wallTime } from '../output.ts';
import { endOrders, type OrdersEnded } from './end-orders.ts';
import type { ReachedExchange } from './reach-exchange.ts';

export interface HaltRequest {
  readonly db: Db;
  readonly account: string;
  readonly botId: BotId;
  readonly reached: ReachedExchange;
  readonly reason: string;
  /** Instant of `performance.now()`. */
  readonly giveUpAt: number;
  /** Told at once what has been done. */
  readonly say: (step: string) => void;
  /** Told when `halted` is committed: from then on it holds, whatever follows. */
  readonly onHalted?: (state: TradingState) => void;
}

/** Something that is not known for certain, and what to do about it. */
export interface NotKnown {
  readonly about: string;
  readonly problem: string;
  readonly cure: string;
}

export interface HaltOutcome {
  readonly state: TradingState;
  /** Orders that were looked at, as the ledger has them now. */
  readonly orders: readonly Order[];
  /** Empty: proven. */
  readonly notKnown: readonly NotKnown[];
}

const AGAIN = 'npx durabit halt asks again';

/**
 * Halts an account and proves it: commits the state, waits until nothing can start any more, ends what is open, and
 * looks at the exchange. May be repeated at any time, and by several at once.
 */
export async function haltAccount(request: HaltRequest): Promise<HaltOutcome> {
  const { db, account, botId, reached, giveUpAt, say } = request;
  const patience = Math.max(1_000, Math.round(giveUpAt - performance.now()));
  const { state, changed } = await haltTrading(db, account, request.reason, patience);
  request.onHalted?.(state);
  say(changed ? 'halted: no new order begins' : `halted already, since ${wallTime(state.since)}: no new order begins`);
  await sleep(SENDING_WINDOW_MS);
  say('what had been committed just before can no longer be sent');

  if (reached.kind === 'not-reached') {
    const { why: problem, cure } = reached;
    const notKnown = [{ about: 'exchange', problem, cure }, ...(await readNotKnown(db, account))];
    return { state, orders: await findUnfinishedOrders(db, account), notKnown };
  }
  const { exchange, clock } = reached;
  const ended = await endOrders({ db, exchange, clock, account, botId, say }, giveUpAt);
  const notKnown = [...unsettled(ended, reached.address), ...(await readNotKnown(db, account))];
  const now = await readTradingState(db, account);
  if (now.state !== 'halted') {
    const problem = `somebody made it ${now.state} meanwhile (${now.reason}): orders may begin`;
    notKnown.unshift({ about: 'trading', problem, cure: 'npx durabit halt, if it is to stay halted' });
  }
  if (ended.openThere?.length === 0) say(`${reached.address} shows no open order of this bot`);
  const orders = await findOrdersByIdentifier(db, account, [...ended.touched]);
  return { state, orders, notKnown };
}

function unsettled({ failures, openThere, notInLedger }: OrdersEnded, address: string): NotKnown[] {
  return [
    ...[...failures].map(([about, problem]) => ({
      about: about === 'exchange' ? `exchange ${address}` : about,
      problem,
      cure: `what rests there may fill; ${AGAIN}`,
    })),
    ...(openThere ?? []).map(({ identifier, market }) => ({
      about: identifier ?? '',
      problem: `the exchange shows it open in ${market} although it was asked to cancel it`,
      cure: `cancel it there by hand, or ${AGAIN}`,
    })),
    ...notInLedger.map((about) => ({
      about,
      problem: 'it rested at the exchange under the id of this bot, and the ledger has no such order; it was cancelled',
      cure: 'does another copy of this bot run, or was an old database put back? npx durabit audit',
    })),
  ];
}

/** Orders of the ledger that are not at their end, or are so only for the ledger. */
async function readNotKnown(db: Db, account: string): Promise<NotKnown[]> {
  const left = await findUnfinishedOrders(db, account);
  return [...left.flatMap(unfinished), ...(await findOrdersOnTheirWay(db, account)).map(onItsWay)];
}

function onItsWay(order: Order): NotKnown {
  const { identifier: about, market, status_reason: why } = order;
  return {
    about,
    problem: `it was given up in ${market} (${why}), and its request may still be on its way`,
    cure: `npx durabit halt again after ${wallTime(mayArriveUntil(order))}: what has arrived by then is cancelled and booked`,
  };
}

function unfinished(order: Order): NotKnown[] {
  const { identifier: about, market, status } = order;
  // Never sent, and while it stays halted nobody will.
  if (status === 'intended') return [];
  const problem = `it is ${status} in ${market}, and could not be brought to its end`;
  if (status !== 'unknown') return [{ about, problem, cure: AGAIN }];
  return [
    {
      about,
      problem: `it may have been sent and is not found in ${market}; nobody sends it again, and if it turns up it is cancelled`,
      cure: `look at the exchange; ${AGAIN}, and so does the running bot for 24 hours of market time. If it never got there, after ${wallTime(mayArriveUntil(order))}: npx durabit orders settle ${about} --as not-sent --reason WHY`,
    },
  ];
}
