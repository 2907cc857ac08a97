import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../db/connect.ts';
import { checkExchangeRecord, checkFills } from './check-fills.ts';
import { checkHoldings, checkTotals } from './check-money.ts';
import {
  type AuditTime,
  checkOneOrderPerLeg,
  checkOverdue,
  checkState,
  checkTerms,
  healing,
  isOverdue,
  pairOrders,
} from './check-orders.ts';
import { type AuditedExchange, ExchangeReader, type ExchangeRecords } from './exchange-records.ts';
import { type AuditResult, Findings } from './findings.ts';
import { type LedgerRecords, readDecisionFaults, readLedgerRecords } from './ledger-records.ts';
import { bearsBotId } from './leg-of-identifier.ts';

export interface AuditSubject {
  readonly exchange: AuditedExchange;
  readonly db: Db;
  readonly account: string;
  /** KRW the account began with, where that is known, as for a paper account. */
  readonly openingKrw?: string | undefined;
  /** How long what a reconcile run mends may take to be mended before it is called a fault, wall milliseconds. */
  readonly patienceMs?: number;
}

/** How often both sides are read until nothing moved meanwhile; each time only what is new has to be asked for. */
const MOST_READINGS = 8;
const PAUSE_MS = 250;
/** After a crash the bot starts again, and its next reconcile run settles what was on its way. */
const PATIENCE_MS = 15_000;

/**
 * Holds the ledger against the exchange's own records. Shares no code with what writes the ledger: plain SQL on one
 * side, the exchange's public endpoints on the other. First it lets things settle: orders that should have come to
 * their end, or that the ledger lost sight of and the exchange has.
 */
export async function auditAccount(subject: AuditSubject): Promise<AuditResult> {
  const reader = new ExchangeReader(subject.exchange, subject.openingKrw !== undefined);
  const giveUpAt = performance.now() + (subject.patienceMs ?? PATIENCE_MS);
  for (;;) {
    const read = await readBothSides(subject, reader);
    if (!isUnsettled(read) || performance.now() >= giveUpAt) return judge(subject, read);
    await sleep(PAUSE_MS);
  }
}

/** Both sides at one moment. */
interface BothSides {
  readonly ledger: LedgerRecords;
  readonly exchange: ExchangeRecords;
  /** False when the account moved during every reading. */
  readonly atRest: boolean;
}

/** Whether a reconcile run has something to mend. */
function isUnsettled({ ledger, exchange }: BothSides): boolean {
  const now = timeOf(exchange);
  const there = new Set(exchange.orders.map(({ identifier }) => identifier));
  return ledger.orders.some((order) => isOverdue(order, now) || (healing(order) && there.has(order.identifier)));
}

function timeOf({ clock }: ExchangeRecords): AuditTime {
  return { market: clock, wall: Date.now() };
}

async function judge(subject: AuditSubject, { ledger, exchange, atRest }: BothSides): Promise<AuditResult> {
  const findings = new Findings();
  if (!atRest) {
    findings.fault(
      'at rest',
      `the account moved during each of ${MOST_READINGS} readings; try again when it is calmer`,
    );
  }
  const ours = exchange.orders.filter(
    (order) => ledger.botId !== undefined && bearsBotId(order.identifier, ledger.botId),
  );
  const duplicates = checkOneOrderPerLeg(ours, findings);
  const now = timeOf(exchange);
  const { pairs, lost } = pairOrders(ours, ledger.orders, now, findings);
  checkOverdue(ledger.orders, now, findings);
  for (const order of exchange.orders) checkExchangeRecord(order, findings);
  for (const pair of pairs) {
    checkTerms(pair, findings);
    checkState(pair, findings);
  }
  checkFills(pairs, ledger.trades, findings);
  checkHoldings(ledger, ours, pairs, findings);
  const { outside } = checkTotals(ledger, exchange, pairs, subject.openingKrw, findings);
  for (const detail of await readDecisionFaults(subject.db, subject.account)) findings.fault('decision', detail);
  return {
    account: subject.account,
    ledger_equals_exchange: findings.faults.length === 0,
    orders_at_exchange: ours.length,
    orders_by_totals: ours.filter(({ fillsBy }) => fillsBy === 'totals').length,
    orders_in_ledger: ledger.orders.filter((order) => order.exchange_order_id !== null).length,
    duplicates,
    lost,
    fills_at_exchange: ours.reduce((sum, order) => sum + order.fills.length, 0),
    fills_in_ledger: ledger.trades.length,
    outside,
    findings: findings.faults,
    in_flight: findings.inFlight,
  };
}

/** Two records can only be compared when both speak of the same moment: nothing moved between their two ends. */
async function readBothSides({ db, account }: AuditSubject, reader: ExchangeReader): Promise<BothSides> {
  for (let reading = 1; ; reading += 1) {
    const ledger = await readLedgerRecords(db, account);
    const balances = await reader.fetchBalances();
    const listed = await reader.readOrders(ledger);
    const atRest = same(balances, await reader.fetchBalances()) && same(ledger, await readLedgerRecords(db, account));
    if (atRest || reading === MOST_READINGS) return { ledger, exchange: { balances, ...listed }, atRest };
    await sleep(PAUSE_MS);
  }
}

function same(before: unknown, after: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}
