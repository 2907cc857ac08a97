import { setTimeout as sleep } from 'node:timers/promises';
import type { Market } from '../../config/market.ts';
import { candleOpen, type Timeframe, timeframeMs } from '../../config/timeframe.ts';
import { countCandlesNotStored, coveredUntil } from '../../db/candle-comparison.ts';
import { type Db, isConnectionFailure } from '../../db/connect.ts';
import { ExchangeUnavailable } from '../../exchange/errors.ts';
import type { MarketDataExchange } from '../../exchange/port.ts';
import type { Candle } from '../../strategy/candle.ts';

export interface RunSummary {
  readonly candles: {
    /** Candles that closed between ready and the end, as the exchange shows them, all markets together. */
    readonly new: number;
    /** Of those: not stored, or stored with another figure. */
    readonly missing: number;
  };
}

export interface SummaryDependencies {
  readonly exchange: MarketDataExchange;
  readonly db: Db;
  readonly markets: readonly Market[];
  readonly timeframe: Timeframe;
}

/** Longest page of the exchange. */
const PAGE = 200;

/** The exchange's clock now, UTC epoch milliseconds of market time; waits up to `patienceMs` for an exchange that is restarting. */
export async function exchangeClock({ exchange, markets }: SummaryDependencies, patienceMs: number): Promise<number> {
  const market = markets[0];
  if (market === undefined) throw new Error('a run has at least one market');
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    try {
      return (await exchange.fetchMinuteCandles(market, { count: 1 })).exchangeClock;
    } catch (error) {
      if (!(error instanceof ExchangeUnavailable) || Date.now() > giveUpAt) throw error;
    }
    await sleep(100);
  }
}

/**
 * Waits until every market is collected up to `clock`, so that a summary does not call missing what is on its way.
 * Gives up after `patienceMs`: then it is missing.
 */
export async function awaitCollected(
  { db, markets, timeframe }: SummaryDependencies,
  clock: number,
  patienceMs: number,
): Promise<void> {
  const until = candleOpen(clock, timeframe);
  const giveUpAt = Date.now() + patienceMs;
  while (Date.now() < giveUpAt) {
    try {
      const covered = await Promise.all(markets.map((market) => coveredUntil(db, market, timeframe)));
      if (covered.every((instant) => instant !== undefined && instant >= until)) return;
    } catch (error) {
      // The database may just be restarting; that it is back in time is part of what is awaited.
      if (!isConnectionFailure(error)) throw error;
    }
    await sleep(100);
  }
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
  return { candles: { new: closed, missing } };
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
  for (let to = candleOpen(until, timeframe); ; ) {
    const { candles } = await exchange.fetchMinuteCandles(market, { to, count: PAGE });
    found.push(...candles.filter((candle) => candle.ts + length > from && candle.ts + length <= until));
    const oldest = candles.at(-1);
    if (oldest === undefined || oldest.ts + length <= from || candles.length < PAGE) return found;
    to = oldest.ts;
  }
}
