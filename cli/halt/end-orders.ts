import { setTimeout as sleep } from 'node:timers/promises';
import { type ResolveDependencies, resolveOrder } from '../../activities/trading/resolve-order.ts';
import { isRefusal } from '../../db/ledger-errors.ts';
import { findUnfinishedOrders, type Order } from '../../db/orders.ts';
import { findOrdersByIdentifier, findOrdersOnTheirWay } from '../../db/sent-orders.ts';
import { AuthenticationFailed, ExchangeError } from '../../exchange/errors.ts';
import type { ExchangeOrder } from '../../exchange/port.ts';
import type { BotId } from '../../strategy/order-identifier.ts';

const PAUSE_MS = 300;

export interface EndOrdersDependencies extends ResolveDependencies {
  readonly account: string;
  readonly botId: BotId;
  /** Told when something changes. */
  readonly say: (step: string) => void;
}

/** How it stands when no more can be done, or the time is over. */
export interface OrdersEnded {
  /** Identifiers of all orders that were looked at. */
  readonly touched: ReadonlySet<string>;
  /** Orders of ours that the exchange's list of open orders still shows; undefined when it could not be asked. */
  readonly openThere: readonly ExchangeOrder[] | undefined;
  /** Orders the exchange shows under this bot's id that the ledger has no row for. */
  readonly notInLedger: readonly string[];
  /** What did not work in the last round, by what it is about: an order's identifier or `exchange`. */
  readonly failures: ReadonlyMap<string, string>;
}

/**
 * Brings every unfinished order of a halted account to its end, books what has turned up of those given up of late, and cancels whatever else rests at the exchange under
 * this bot's id, in rounds until the exchange shows none of ours and the ledger has none left but `unknown` ones. The
 * trader may do the same meanwhile: each step is conditional on what the order is by then.
 *
 * @param giveUpAt instant of `performance.now()`
 */
export async function endOrders(deps: EndOrdersDependencies, giveUpAt: number): Promise<OrdersEnded> {
  const touched = new Map<string, string>();
  const notInLedger = new Set<string>();
  const told = new Set<string>();
  let refusedBefore: ReadonlySet<string> = new Set();
  for (;;) {
    const round = await endOnce(deps, { touched, notInLedger, told });
    const left = await findUnfinishedOrders(deps.db, deps.account);
    // The trader may have been quicker the first time; what is refused twice is refused for good.
    const refused = new Set([...round.refused].filter((about) => refusedBefore.has(about)));
    refusedBefore = round.refused;
    // An `intended` one was decided during this round; it is not sent.
    const isOver = ({ identifier, status }: Order) =>
      status === 'unknown' || status === 'intended' || refused.has(identifier);
    const failed = [...round.failures.keys()].some((about) => !refused.has(about));
    const done = !failed && round.openThere?.length === 0 && left.every(isOver);
    if (done || round.hopeless || performance.now() >= giveUpAt) {
      return { ...round, touched: new Set(touched.keys()), notInLedger: [...notInLedger] };
    }
    await sleep(Math.min(PAUSE_MS, Math.max(0, giveUpAt - performance.now())));
  }
}

/** What the rounds so far have seen. */
interface Seen {
  /** Status last told of each order. */
  readonly touched: Map<string, string>;
  readonly notInLedger: Set<string>;
  /** Failures that have been told. */
  readonly told: Set<string>;
}

async function endOnce(deps: EndOrdersDependencies, { touched, notInLedger, told }: Seen) {
  const { db, exchange, account, botId, say } = deps;
  const failures = new Map<string, string>();
  /** Orders that the ledger does not take as the exchange shows them. */
  const refused = new Set<string>();
  let hopeless = false;
  const attempt = async <T>(about: string, step: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof ExchangeError || isRefusal(error))) throw error;
      if (isRefusal(error)) refused.add(about);
      failures.set(about, error.message);
      if (!told.has(error.message)) say(`${about}: ${error.message}; trying again`);
      told.add(error.message);
      hopeless ||= error instanceof AuthenticationFailed;
      return undefined;
    }
  };
  const end = async (order: Order) => {
    const state = await attempt(order.identifier, () => resolveOrder(deps, order, 'now'));
    tell(deps, touched, order.identifier, state?.status ?? order.status, state?.executedQuantity);
  };

  const known = [...(await findUnfinishedOrders(db, account)), ...(await findOrdersOnTheirWay(db, account))];
  for (const order of known) await end(order);
  // After them, so that what is shown open is so although everything known has been cancelled.
  const openThere = await attempt('exchange', async () =>
    (await exchange.fetchOpenOrders()).filter(({ identifier }) => identifier?.startsWith(`${botId}-`)),
  );
  const identifiers = (openThere ?? []).flatMap(({ identifier }) => identifier ?? []);
  const rows = new Map((await findOrdersByIdentifier(db, account, identifiers)).map((row) => [row.identifier, row]));
  for (const shown of openThere ?? []) {
    const identifier = shown.identifier ?? '';
    const row = rows.get(identifier);
    if (row === undefined) notInLedger.add(identifier);
    else await end(row);
    // One that the ledger lacks, or refuses to book, must not trade on either.
    if (row === undefined || failures.has(identifier)) {
      await attempt(identifier, () => exchange.cancelOrder({ exchangeOrderId: shown.exchangeOrderId }));
    }
  }
  return { failures, refused, hopeless, openThere };
}

function tell(
  { say }: EndOrdersDependencies,
  touched: Map<string, string>,
  identifier: string,
  status: string,
  executed: string | undefined,
): void {
  if (touched.get(identifier) === status) return;
  touched.set(identifier, status);
  const wait =
    status === 'sending' ? ': may be on its way, looked for until it is found or its time to arrive is over' : '';
  const filled = executed === undefined || Number(executed) === 0 ? '' : `, ${executed} executed`;
  say(`${identifier} is ${status}${filled}${wait}`);
}
