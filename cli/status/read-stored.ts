import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readLastComparison } from '../../db/account-comparisons.ts';
import { readUnansweredDifferences } from '../../db/account-differences.ts';
import { type CandleSummary, summarizeCandles } from '../../db/candles.ts';
import { type Db, isConnectionFailure } from '../../db/connect.ts';
import { summarizeDecisions } from '../../db/decision-summary.ts';
import { findRecordedBeside, type RecordedBeside, readForeignOrders, readLostOrders } from '../../db/foreign-orders.ts';
import { readKeyRefusals } from '../../db/key-refusals.ts';
import { readTradedAccounts } from '../../db/market-accounts.ts';
import { findUnfinishedOrders, type Order } from '../../db/orders.ts';
import { readPositions } from '../../db/positions.ts';
import { readPromotions } from '../../db/promotions.ts';
import { readStreamReports } from '../../db/stream-reports.ts';
import { readTrades } from '../../db/trades.ts';
import { countTrading } from '../../db/trading-counts.ts';
import { readTradingState } from '../../db/trading-state.ts';
import type { CommandContext } from '../context.ts';
import { withDatabase } from '../database-session.ts';
import type { RunningInstance } from '../up/instance-file.ts';
import { secondsSince } from './bot.ts';
import type { Finding, LastFillFacts, OpenOrderFacts, StatusFacts, TodayFacts } from './facts.ts';
import { totalOf } from './holdings.ts';
import { weightsFacts } from './weights.ts';

type StoredFacts = Pick<
  StatusFacts,
  'stored' | 'streams' | 'account' | 'trading' | 'positions' | 'total' | 'decisions'
> &
  Pick<StatusFacts, 'key_refusals' | 'weights' | 'open_orders' | 'today' | 'last_fill' | 'candles'> &
  AccountFacts;

/** How ledger and exchange compare. */
type AccountFacts = Pick<StatusFacts, 'comparison' | 'differences' | 'foreign_orders' | 'lost_orders'>;

export const NOTHING_STORED: StoredFacts = {
  ...{ stored: false, streams: [], account: null, trading: null, positions: [], total: null, decisions: [] },
  ...{ key_refusals: [], weights: [], open_orders: [], today: null, last_fill: null, candles: [] },
  ...{ comparison: null, differences: [], foreign_orders: [], lost_orders: [] },
};

interface StoredReading {
  readonly facts: StoredFacts;
  readonly faults: readonly Finding[];
}

/** Reports come every five seconds; a machine that is busy, or a database that restarts, may hold some up. */
const REPORTS_STALE_AFTER_MS = 20_000;
/** More of one kind than this no screen shows. */
const NEWEST = 20;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Korea has one time all year. */
const KST_AHEAD_MS = 9 * HOUR_MS;

/** What is known of the moment from elsewhere. */
interface MomentToRead {
  /** The exchange's clock, where it is known. */
  readonly clock: Date | null;
  /** Markets whose trading is paused; see `pausedSince`. */
  readonly pausedSince: ReadonlyMap<string, Date | null>;
}

/** What the database holds, all of it as of one moment. */
export async function readStored(
  context: CommandContext,
  instance: RunningInstance | null,
  now: MomentToRead,
): Promise<StoredReading> {
  const named = context.settings.DATABASE_URL !== undefined || instance !== null;
  if (!named && !existsSync(join(context.dataDir, 'postgres'))) return { facts: NOTHING_STORED, faults: [] };
  try {
    return await withDatabase(context, (db) =>
      db
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute((trx) => readAll(trx, context, instance, now)),
    );
  } catch (error) {
    if (!isConnectionFailure(error)) throw error;
    const cure = 'nothing is lost, and nothing is collected or traded meanwhile; see: npx durabit doctor';
    return { facts: NOTHING_STORED, faults: [{ about: 'postgres', problem: (error as Error).message, cure }] };
  }
}

/** One after the other: they share the transaction's one connection. */
async function readAll(
  db: Db,
  context: CommandContext,
  instance: RunningInstance | null,
  { clock, pausedSince }: MomentToRead,
): Promise<StoredReading> {
  const candles = await summarizeCandles(db);
  const streams = await readStreamReports(db, REPORTS_STALE_AFTER_MS);
  const { account, faults } = await chooseAccount(db, context, instance);
  if (account === null) return { facts: { ...NOTHING_STORED, stored: true, streams, candles }, faults };
  const now = new Date();
  const marketNow = clock?.getTime() ?? newestCovered(candles);
  const positions = await readPositions(db, account);
  const { state, reason } = await readTradingState(db, account);
  const timeframe = context.settings.TRADE_TIMEFRAME;
  const choices = await readPromotions(db, account);
  return {
    facts: {
      stored: true,
      streams,
      account,
      trading: { state, reason },
      key_refusals: await readKeyRefusals(db, account),
      positions,
      total: totalOf(positions),
      decisions: await summarizeDecisions(
        db,
        { account, timeframe, pausedSince },
        { from: marketNow - HOUR_MS, until: marketNow },
      ),
      weights: weightsFacts(
        positions.map(({ market }) => market),
        choices.filter((choice) => choice.timeframe === timeframe),
      ),
      open_orders: await readOpenOrders(db, account, now),
      today: await readToday(db, account, marketNow),
      last_fill: await readLastFill(db, account),
      ...(await readComparison(db, account, now)),
      candles,
    },
    faults,
  };
}

/** The account the running bot trades, else the only one of the database. */
async function chooseAccount(db: Db, context: CommandContext, instance: RunningInstance | null) {
  const url = context.settings.DATABASE_URL;
  if (instance !== null && (url === undefined || url === instance.databaseUrl)) {
    return { account: instance.account, faults: [] };
  }
  const { TRADING_MODE: mode } = context.settings;
  const accounts = await readTradedAccounts(db);
  const [account = null, ...others] = accounts.filter((name) => mode === undefined || name.startsWith(`${mode}-`));
  if (others.length === 0) return { account, faults: [] };
  const problem = `the database holds several accounts: ${[account, ...others].join(', ')}`;
  return { account: null, faults: [{ about: 'account', problem, cure: 'choose with TRADING_MODE' }] };
}

/** How ledger and exchange compare, and what was found lately. */
async function readComparison(db: Db, account: string, now: Date): Promise<AccountFacts> {
  const yesterday = new Date(now.getTime() - DAY_MS);
  const last = await readLastComparison(db, account);
  const lost = await readLostOrders(db, account, NEWEST);
  const lostIds = new Set(lost.map(({ exchange_order_id: id }) => id));
  const unclassified = await readForeignOrders(db, { account, limit: NEWEST, unclassified: true });
  return {
    comparison:
      last === undefined
        ? null
        : { compared_at: last.compared_at, market_time: last.market_time, outside: last.outside },
    differences: await readUnansweredDifferences(db, account, { since: yesterday, limit: NEWEST }),
    foreign_orders: unclassified.filter(
      ({ exchange_order_id: id, first_seen: seen }) => !lostIds.has(id) && seen >= yesterday,
    ),
    lost_orders: lost,
  };
}

/** Market time as far as it is known without the exchange. */
function newestCovered(candles: readonly CandleSummary[]): number {
  return Math.max(0, ...candles.map((summary) => summary.covered_until?.getTime() ?? 0));
}

async function readOpenOrders(db: Db, account: string, now: Date): Promise<readonly OpenOrderFacts[]> {
  const orders = await findUnfinishedOrders(db, account);
  const identifiers = orders.map(({ identifier }) => identifier);
  const recorded = await findRecordedBeside(db, account, identifiers);
  return orders.map((order) => openOrder(order, recorded.get(order.identifier), now));
}

function openOrder(order: Order, beside: RecordedBeside | undefined, now: Date): OpenOrderFacts {
  const { market, identifier, leg, side, price, quantity, executed_quantity, reserved_cash, reserved_quantity } = order;
  const { status, status_reason, created_at, deadline } = order;
  return {
    ...{ market, identifier, leg, side, price, quantity, executed_quantity, reserved_cash, reserved_quantity },
    ...{
      status,
      status_reason,
      refused: beside?.lacked === false ? (beside.note ?? 'the ledger refuses it') : null,
      seen_before: beside?.lacked === true,
      created_at,
      deadline,
      age_seconds: secondsSince(created_at.toISOString(), now),
    },
  };
}

async function readToday(db: Db, account: string, marketNow: number): Promise<TodayFacts> {
  const midnight = Math.floor((marketNow + KST_AHEAD_MS) / DAY_MS) * DAY_MS - KST_AHEAD_MS;
  const counts = await countTrading(db, account, { from: midnight, until: midnight + DAY_MS });
  return { since: new Date(midnight), ...counts };
}

async function readLastFill(db: Db, account: string): Promise<LastFillFacts | null> {
  const [fill] = await readTrades(db, { account, limit: 1 });
  if (fill === undefined) return null;
  const { market, identifier, side, executed_at, price, quantity, funds, fee } = fill;
  return { market, identifier, side, executed_at, price, quantity, funds, fee };
}
