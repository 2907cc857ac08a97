import { setTimeout as sleep } from 'node:timers/promises';
import { readComparisonProgress } from '../../db/account-comparisons.ts';
import {
  type AccountDifference,
  type NewAccountDifference,
  readRecordedDifferences,
  recordComparison,
} from '../../db/account-differences.ts';
import { findRecordedBeside } from '../../db/foreign-orders.ts';
import { readLedgerTotals } from '../../db/ledger-totals.ts';
import type { DecimalText } from '../../strategy/candle.ts';
import { readAccountOrders } from './account-orders.ts';
import { marketTime, type TradingDependencies } from './dependencies.ts';
import { explainHoldings, outsideOf } from './explain-holdings.ts';
import { adoptOwnOrders } from './late-finds.ts';
import { noteMendedOrders } from './mended-orders.ts';
import type { OrderState } from './order-fills.ts';
import { recordForeign } from './record-foreign.ts';

/**
 * Wall time between two comparisons, unless something has just been settled. In real time every run compares; in
 * accelerated ones, which run every second beside trading, one in ten: three calls of the thirty a second that Upbit
 * allows for accounts and orders together, and a deposit or a hand trade is nothing anybody waits for.
 */
const COMPARE_EVERY_MS = 10_000;
/** Longest wait for orders on their way to come to their end before the reading is left to the next run. */
const LONGEST_WAIT_MS = 3_000;
/** Readings until two agree. */
const MOST_READINGS = 4;

/** What a comparison came to. */
export interface AccountCompared {
  /** Why balances were not judged this time; null when they were. */
  readonly skipped: string | null;
  /** Orders the ledger had given up, or knew less of than the exchange, as they are now. */
  readonly found: readonly OrderState[];
  /** Orders of others seen for the first time: exchange order ids. */
  readonly foreign: readonly string[];
  /** Orders under this bot's id that the ledger lacks or refuses, newly so, each with the reason. */
  readonly lost: readonly string[];
  /** Changes recorded. */
  readonly differences: readonly Pick<AccountDifference, 'currency' | 'amount' | 'cause' | 'detail'>[];
  /** By currency, what the exchange holds beyond what the ledger owns; empty when not judged. */
  readonly outside: Readonly<Record<string, DecimalText>>;
}

/**
 * Holds the account against the ledger: records orders that are not the ledger's, brings home orders of ours that were
 * given up, and records each change in what the exchange holds that trading does not explain, with its cause. Says what
 * it finds and stops nothing: deposits, withdrawals and trades by hand are the owner's right.
 *
 * One reading of two sides can race with an order on its way, so balances are judged only when none is, before and
 * after, and a difference is believed only when a second reading a moment later shows the same. A reading that another
 * comparison has overtaken is given up. Doing it again records nothing twice.
 *
 * @param force compares although it was done a moment ago, because something was settled
 */
export async function compareAccount(
  deps: TradingDependencies,
  { account, force }: { readonly account: string; readonly force: boolean },
): Promise<AccountCompared> {
  const { db } = deps;
  const seen = { found: [] as OrderState[], foreign: [] as string[], lost: [] as string[] };
  const skip = (skipped: string): AccountCompared => ({ skipped, ...seen, differences: [], outside: {} });

  const { comparedAgoMs = Number.POSITIVE_INFINITY } = await readComparisonProgress(db, account);
  if (!force && comparedAgoMs < COMPARE_EVERY_MS) return skip('compared a moment ago');

  await awaitCalm(deps, account);
  let expected: readonly NewAccountDifference[] | undefined;
  for (let reading = 1; reading <= MOST_READINGS; reading += 1) {
    if (reading > 1) await sleep(pauseMs(deps));
    const before = await readLedgerTotals(db, account);
    const orders = await dealWithOrders(deps, account);
    seen.found.push(...orders.found);
    seen.foreign.push(...orders.foreign);
    seen.lost.push(...orders.lost);
    const onItsWay = await findOrderOnItsWay(deps, account, orders.refused);
    if (onItsWay !== undefined) return skip(`order ${onItsWay} is on its way`);
    if (!orders.complete) return skip('more has happened on the account than one look can read; the next one goes on');
    // Before the balances: if this attempt is held up after reading them, what others record meanwhile tells.
    const judged = await readRecordedDifferences(db, account, deps.botId);
    const balances = await deps.exchange.fetchBalances();
    const now = marketTime(deps.clock);
    const after = await readLedgerTotals(db, account);
    if (JSON.stringify(before) !== JSON.stringify(after)) continue;

    const differences = explainHoldings(after, balances, judged);
    if (differences.length === 0 || JSON.stringify(differences) === JSON.stringify(expected)) {
      const outside = outsideOf(after, balances);
      const of = { account, botId: deps.botId, marketTime: now };
      const recorded = await recordComparison(db, { ...of, judged, differences, outside });
      if (recorded !== undefined) return { skipped: null, ...seen, differences: recorded.map(summaryOf), outside };
    }
    expected = differences;
  }
  return skip(`the account moved during each of ${MOST_READINGS} readings`);
}

/** A tenth of a second at the shortest, for what the exchange shows late; a second where candles are slow. */
function pauseMs({ intervalMs }: TradingDependencies): number {
  return Math.min(1_000, Math.max(100, intervalMs / 5));
}

/**
 * Waits for orders on their way, looking at the ledger only: at a close, when runs start, one often is. Not for those that
 * were recorded beside it before: it may refuse them, and then no run brings them to an end soon.
 */
async function awaitCalm(deps: TradingDependencies, account: string): Promise<void> {
  const giveUpAt = performance.now() + Math.min(LONGEST_WAIT_MS, deps.intervalMs * 0.3);
  const isCalm = async () => {
    const { inFlight } = await readLedgerTotals(deps.db, account);
    if (inFlight.length === 0) return true;
    const recorded = await findRecordedBeside(deps.db, account, inFlight);
    return inFlight.every((identifier) => recorded.has(identifier));
  };
  while (!(await isCalm()) && performance.now() < giveUpAt) await sleep(Math.min(100, deps.intervalMs / 20));
}

/**
 * One that the ledger refuses to book stays in flight for ever. What it did at the exchange is recorded beside the ledger
 * and counted as such, so that the rest can be judged. That it is recorded is not enough: an order that the ledger lacked
 * once, and has since, is on its way like any other, and what was recorded of it is as old as that look.
 */
async function findOrderOnItsWay({ db }: TradingDependencies, account: string, refused: ReadonlySet<string>) {
  const { inFlight } = await readLedgerTotals(db, account);
  return inFlight.find((identifier) => !refused.has(identifier));
}

/** Records and adopts what the exchange's lists show; whatever can be, also when balances cannot be judged. */
async function dealWithOrders(deps: TradingDependencies, account: string) {
  const listed = await readAccountOrders(deps, account);
  const isOwn = (identifier: string | undefined) => identifier?.startsWith(`${deps.botId}-`) === true;
  const own = listed.orders.filter(({ identifier }) => isOwn(identifier));
  const others = listed.orders.filter(({ identifier }) => !isOwn(identifier));
  const { found, unbookable, refused } = await adoptOwnOrders(deps, account, own);
  const toRecord = [
    ...others.map((order) => ({ order })),
    ...unbookable.map(({ order, why }) => ({ order, note: why })),
  ];
  const { added, complete } = await recordForeign(deps, account, toRecord);
  if (complete) await listed.noteDealtWith();
  const clear = await noteMendedOrders(deps, account);
  return {
    found,
    refused,
    foreign: added.filter(({ identifier }) => !isOwn(identifier ?? undefined)).map((row) => row.exchange_order_id),
    lost: added
      .filter(({ identifier }) => isOwn(identifier ?? undefined))
      .map((row) => `${row.identifier}: ${row.note}`),
    complete: complete && listed.complete && clear,
  };
}

function summaryOf({ currency, amount, cause, detail }: AccountDifference) {
  return { currency, amount, cause, detail };
}
