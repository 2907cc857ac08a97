import { setTimeout as sleep } from 'node:timers/promises';
import type { Market } from '../../config/market.ts';
import { type Timeframe, timeframeMs } from '../../config/timeframe.ts';
import { countCandlesNotStored } from '../../db/candle-comparison.ts';
import { readCollectionState } from '../../db/candles.ts';
import { type Db, isConnectionFailure } from '../../db/connect.ts';
import { writeStaleDecisions } from '../../db/decisions.ts';
import { countTrading, countUnderWay, type TradingCounts } from '../../db/trading-counts.ts';
import { ExchangeUnavailable } from '../../exchange/errors.ts';
import type { MarketDataExchange } from '../../exchange/port.ts';
import { type Candle, candleOpen } from '../../strategy/candle.ts';
import { auditAccount } from '../audit/audit.ts';
import type { AuditedExchange } from '../audit/exchange-records.ts';
import type { Finding } from '../audit/findings.ts';
import { openingKrwOf } from '../audit/paper-opening.ts';

export interface RunSummary extends Partial<TradingCounts> {
  readonly candles: {
    /** Candles that closed between ready and the end, as the exchange shows them, all markets together. */
    readonly new: number;
    /** Of those: not stored, or stored with another figure. */
    readonly missing: number;
  };
  /** What the auditor says (`durabit audit`); absent where nothing is traded. */
  readonly ledger_equals_exchange?: boolean;
  /** What differs; absent when nothing does. */
  readonly ledger_findings?: readonly Finding[];
}

export interface SummaryDependencies {
  readonly exchange: MarketDataExchange;
  /** The same with the account's keys; without it nothing is audited. */
  readonly accountExchange?: AuditedExchange;
  readonly db: Db;
  readonly markets: readonly Market[];
  readonly timeframe: Timeframe;
  /** The account traded; null where candles are only collected. */
  readonly account: string | null;
}

/** Longest page of the exchange. */
const PAGE = 200;

/** The exchange's clock now, UTC epoch milliseconds of market time; waits up to `patienceMs` for an exchange that is restarting. */
export async function exchangeClock({ exchange, markets }: SummaryDependencies, patienceMs: number): Promise<number> {
  const market = markets[0];
  if (market === undefined) throw new Error('a run has at least one market');
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    try {
      return (await exchange.fetchMinuteCandles(market, { count: 1 })).exchangeClock;
    } catch (error) {
      if (!(error instanceof ExchangeUnavailable) || performance.now() > giveUpAt) throw error;
    }
    await sleep(100);
  }
}

/**
 * Waits until every market is collected up to `clock`, so that a summary does not call missing what is on its way.
 * Gives up after `patienceMs`: then it is missing.
 */
export function awaitCollected(
  { db, markets, timeframe }: SummaryDependencies,
  clock: number,
  patienceMs: number,
): Promise<void> {
  const until = candleOpen(clock, timeframeMs(timeframe));
  return waitUntil(patienceMs, async () => {
    const states = await Promise.all(markets.map((market) => readCollectionState(db, market, timeframe)));
    return states.every(({ coveredUntil = 0 }) => coveredUntil >= until);
  });
}

/**
 * Waits until what closed by `clock` is decided and no order is on its way, at most `patienceMs`: a candle's time to
 * be decided on is over within one interval, and so is that of its order.
 */
export async function awaitDecided(
  { db, timeframe, account }: SummaryDependencies,
  clock: number,
  patienceMs: number,
): Promise<void> {
  if (account === null) return;
  const until = candleOpen(clock, timeframeMs(timeframe));
  await waitUntil(patienceMs, async () => (await countUnderWay(db, account, timeframe, until)) === 0);
}

async function waitUntil(patienceMs: number, isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  while (performance.now() < giveUpAt) {
    try {
      if (await isSo()) return;
    } catch (error) {
      // The database may just be restarting; that it is back in time is part of what is awaited.
      if (!isConnectionFailure(error)) throw error;
    }
    await sleep(100);
  }
}

/** Later than any candle, and early enough for every date format. */
const END_OF_TIME = Date.UTC(9999, 0, 1);

/**
 * To be called when the workers have ended: whatever is stored and not decided on nobody will decide on any more, so it
 * is `stale` already, and every closed candle has its decision when the run is over.
 */
export async function recordUndecided({ db, markets, timeframe, account }: SummaryDependencies): Promise<void> {
  if (account === null) return;
  const range = { from: 0, until: END_OF_TIME };
  for (const market of markets) await writeStaleDecisions(db, account, market, timeframe, range);
}

/** Holds the record against what the exchange shows for the candles that closed in (`from`, `until`]. */
export async function summarizeRun(deps: SummaryDependencies, from: number, until: number): Promise<RunSummary> {
  let closed = 0;
  let missing = 0;
  for (const market of deps.markets) {
    const candles = await closedBetween(deps, market, from, until);
    closed += candles.length;
    missing += await countCandlesNotStored(deps.db, market, deps.timeframe, candles);
  }
  const candles = { new: closed, missing };
  if (deps.account === null) return { candles };
  const traded = await countTrading(deps.db, deps.account, { from, until });
  return { candles, ...traded, ...(await auditedLedger(deps, deps.account)) };
}

async function auditedLedger(
  { accountExchange: exchange, db }: SummaryDependencies,
  account: string,
): Promise<Partial<RunSummary>> {
  if (exchange === undefined) return {};
  const { ledger_equals_exchange, findings } = await auditAccount({
    ...{ exchange, db, account },
    openingKrw: await openingKrwOf(db, account),
  });
  return { ledger_equals_exchange, ...(findings.length === 0 ? {} : { ledger_findings: findings }) };
}

async function closedBetween(
  { exchange, timeframe }: SummaryDependencies,
  market: Market,
  from: number,
  until: number,
): Promise<Candle[]> {
  const length = timeframeMs(timeframe);
  const found: Candle[] = [];
  // `to` is exclusive and speaks of opens: the first candle not closed by `until` is where to stop.
  for (let to = candleOpen(until, length); ; ) {
    const { candles } = await exchange.fetchMinuteCandles(market, { to, count: PAGE });
    found.push(...candles.filter((candle) => candle.ts + length > from && candle.ts + length <= until));
    const oldest = candles.at(-1);
    if (oldest === undefined || oldest.ts + length <= from || candles.length < PAGE) return found;
    to = oldest.ts;
  }
}
