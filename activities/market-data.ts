import { ApplicationFailure } from '@temporalio/activity';
import type { Market } from '../config/market.ts';
import { type Timeframe, timeframeMs } from '../config/timeframe.ts';
import { readCollectionState, type UpsertOutcome, upsertCandles } from '../db/candles.ts';
import type { Db } from '../db/connect.ts';
import { closedCandles, settledFrom, settledUntil } from '../exchange/candle-page.ts';
import type { CandlePage, MarketDataExchange } from '../exchange/port.ts';
import { type Candle, type CandleRange, candleOpen } from '../strategy/candle.ts';
import { awaitClose, type CandlePace, closeAhead } from './await-close.ts';
import { planNewestPage, planNextPage, readOlderPage } from './collection-plan.ts';

export interface MarketDataDependencies extends CandlePace {
  readonly exchange: MarketDataExchange;
  readonly db: Db;
}

export interface MarketTimeframe {
  readonly market: Market;
  readonly timeframe: Timeframe;
}

/** What one collection run found at the exchange. At most two pages: 400 candles, about 60 KB. */
export interface FetchedCandles {
  /** Closed candles only, oldest first. */
  readonly candles: readonly Candle[];
  /** The stretches these candles settle: a slot in them without a candle had no trade. */
  readonly settled: readonly CandleRange[];
  /** Stretches that have turned out not to be settled after all. */
  readonly unsettled: readonly CandleRange[];
}

/** Share of a candle before its close within which a run that finds nothing new waits for the close. */
const EARLY_SHARE = 0.1;

/** Activities of the `collector` queue. */
export function createMarketDataActivities({ exchange, db, ...pace }: MarketDataDependencies) {
  return {
    /**
     * Reads from the exchange what closed since the newest stored candle, and again a few candles before it so that
     * late corrections are seen; with what is left of two pages, the newest hole. Waits for a close that is near.
     *
     * @throws `CandleNotReady` when the newest closed slot is not settled yet; retried by policy
     */
    async fetchCandles({ market, timeframe }: MarketTimeframe): Promise<FetchedCandles> {
      const length = timeframeMs(timeframe);
      const state = await readCollectionState(db, market, timeframe);
      const close = closeAhead(pace, length);
      if (close !== undefined) {
        // Opens the connection before it is in a hurry. And answers after a close all show the same part of a second,
        // which is cut off; this one comes at any moment and brings the clock's estimate nearer (11 ms at speed 30).
        await exchange.fetchMinuteCandles(market, { count: 1 });
        await awaitClose(pace, close, length);
      }
      const request = planNewestPage(state);
      const newest = await exchange.fetchMinuteCandles(market, request);
      const until = settledUntil(newest, length);
      refuseWhenNotReady(newest, until, state.coveredUntil, length, pace.intervalMs);

      const from = settledFrom(newest.candles, request.count, state.newestStored) ?? until;
      const candles = [...closedCandles(newest, length)];
      const settled: CandleRange[] = from < until ? [{ from, until }] : [];
      const unsettled: CandleRange[] = [];

      const older = planNextPage(state, { reachedDownTo: from, full: newest.candles.length >= request.count }, length);
      if (older !== undefined) {
        const page = await exchange.fetchMinuteCandles(market, { to: older.missing.until, count: older.count });
        const outcome = readOlderPage(page.candles, older, length);
        candles.push(...closedCandles(page, length));
        settled.push(outcome.settled);
        if (outcome.unsettled !== undefined) unsettled.push(outcome.unsettled);
      }
      return { candles: candles.sort((a, b) => a.ts - b.ts), settled, unsettled };
    },

    /** Stores what was fetched; see `db/candles.ts`. Storing the same again changes nothing. */
    async upsertCandles({ market, timeframe, ...fetched }: MarketTimeframe & FetchedCandles): Promise<UpsertOutcome> {
      return upsertCandles(db, market, timeframe, fetched);
    },
  };
}

export type MarketDataActivities = ReturnType<typeof createMarketDataActivities>;

/**
 * Two reasons to come again at once: the slot that just closed shows no candle and is not old enough to count as
 * empty; or the run came a little before the close by the exchange's clock and would otherwise store that candle a
 * whole interval late.
 */
function refuseWhenNotReady(
  page: CandlePage,
  settled: number,
  coveredUntil: number | undefined,
  length: number,
  intervalMs: number,
): void {
  const forming = candleOpen(page.exchangeClock, length);
  if (settled < forming) {
    throw notReady(`the candle of ${iso(forming - length)} is not there yet`);
  }
  const untilClose = forming + length - page.exchangeClock;
  if (coveredUntil !== undefined && coveredUntil >= forming && untilClose <= length * EARLY_SHARE) {
    throw notReady(`the candle of ${iso(forming)} closes in a moment`, Math.ceil((untilClose * intervalMs) / length));
  }
}

function notReady(message: string, retryInMs?: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'CandleNotReady',
    message,
    ...(retryInMs === undefined ? {} : { nextRetryDelay: Math.max(1, retryInMs) }),
  });
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
