import type { Market } from '../config/market.ts';
import { type Timeframe, timeframeMs } from '../config/timeframe.ts';
import { type CollectionState, readCollectionState, type UpsertOutcome, upsertCandles } from '../db/candles.ts';
import type { Db } from '../db/connect.ts';
import { closedCandles, settledFrom } from '../exchange/candle-page.ts';
import type { MarketDataExchange } from '../exchange/port.ts';
import type { Candle, CandleRange } from '../strategy/candle.ts';
import { awaitClose, type CandlePace, closeAhead } from './await-close.ts';
import { planNewestPage, planNextPage, readOlderPage } from './collection-plan.ts';
import { type MinuteNews, NO_MINUTE_NEWS } from './news/minute-news.ts';
import { fetchSettledPage, type SettledPage } from './settled-page.ts';

export interface MarketDataDependencies extends CandlePace {
  readonly exchange: MarketDataExchange;
  readonly db: Db;
  /** What the exchange tells by itself, and how long an attempt of an activity may take, wall milliseconds. */
  readonly told?: { readonly minutes: MinuteNews; readonly attemptMs: number } | undefined;
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

/** Nobody tells anything, and nobody waits for it. */
const UNTOLD = { minutes: NO_MINUTE_NEWS, attemptMs: Number.NEGATIVE_INFINITY };

/** Share of an attempt after which it waits no longer for what is told: a last request must fit in the rest. */
const PATIENT_SHARE = 0.6;

/** Activities of the `collector` queue. */
export function createMarketDataActivities({ exchange, db, told = UNTOLD, ...pace }: MarketDataDependencies) {
  /** The newest page, asked for after a close that is near. */
  async function fetchNewest(market: Market, length: number, state: CollectionState): Promise<SettledPage> {
    const patientUntil = performance.now() + told.attemptMs * PATIENT_SHARE;
    const minutes = told.minutes.listen(market);
    try {
      const close = closeAhead(pace, length);
      if (close !== undefined) {
        // Opens the connection before it is in a hurry. And answers after a close all show the same part of a second,
        // which is cut off; this one comes at any moment and brings the clock's estimate nearer (11 ms at speed 30).
        await exchange.fetchMinuteCandles(market, { count: 1 });
        await awaitClose(pace, { close, length }, minutes);
      }
      const wanted = { market, length, request: planNewestPage(state), coveredUntil: state.coveredUntil };
      return await fetchSettledPage({ exchange, ...pace, minutes, patientUntil }, wanted);
    } finally {
      minutes.close();
    }
  }

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
      const { page: newest, until } = await fetchNewest(market, length, state);

      const asked = planNewestPage(state).count;
      const from = settledFrom(newest.candles, asked, state.newestStored) ?? until;
      const candles = [...closedCandles(newest, length)];
      const settled: CandleRange[] = from < until ? [{ from, until }] : [];
      const unsettled: CandleRange[] = [];

      const older = planNextPage(state, { reachedDownTo: from, full: newest.candles.length >= asked }, length);
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
