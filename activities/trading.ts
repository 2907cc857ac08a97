import { type Timeframe, timeframeMs } from '../config/timeframe.ts';
import { writeStaleDecisions } from '../db/decisions.ts';
import { readMarketAccounts } from '../db/market-accounts.ts';
import { findUnfinishedOrder } from '../db/orders.ts';
import type { Balance } from '../exchange/port.ts';
import { candleOpen } from '../strategy/candle.ts';
import { decideUntil } from '../strategy/trading-clock.ts';
import { NO_ORDER_NEWS } from './news/order-news.ts';
import { awaitCandle } from './trading/await-candle.ts';
import { type AccountCompared, compareAccount } from './trading/compare-account.ts';
import { type DecisionMade, decideOnce } from './trading/decide.ts';
import { marketTime, type TradedMarket, type TradingDependencies } from './trading/dependencies.ts';
import { type OrderState, pollOnce, readOrderState } from './trading/order-fills.ts';
import { type Placed, placeOrder } from './trading/place-order.ts';
import { resolveOrder } from './trading/resolve-order.ts';
import { type SettledOrder, settleOrders } from './trading/settle-orders.ts';

/** No candle to decide on: the run came late, or the minute had no trade. */
export interface NoCandle {
  readonly kind: 'no-candle';
}

/** Longest pause between two looks at a resting order: a fortieth of an interval, 50 ms to 1 s. */
function pollPauseMs(intervalMs: number): number {
  return Math.min(1_000, Math.max(50, intervalMs / 40));
}

/** Activities of the `trader` queue. Thin: the steps of an order's life are in `trading/`. */
export function createTradingActivities(deps: TradingDependencies) {
  const { db, exchange, clock, intervalMs, orderNews = NO_ORDER_NEWS } = deps;
  return {
    /** What the account holds, free and locked, as the exchange says now. */
    async fetchBalances(): Promise<readonly Balance[]> {
      return exchange.fetchBalances();
    },

    /** Waits for the candle of this run and decides on it, once for ever. */
    async decide(traded: TradedMarket & { readonly exchangeFreeKrw: string }): Promise<DecisionMade | NoCandle> {
      const candle = await awaitCandle(deps, traded);
      if (candle === undefined) return { kind: 'no-candle' };
      return decideOnce(deps, traded, candle, traded.exchangeFreeKrw);
    },

    /** See `trading/place-order.ts`. */
    async placeOrder({ identifier }: { readonly identifier: string }): Promise<Placed> {
      return placeOrder(deps, identifier);
    },

    /**
     * Books fills until the order has ended or `until` (market time) is reached. What the exchange tells of the order makes
     * the next look come sooner; what is booked is what the look shows.
     */
    async pollOrderFills({
      identifier,
      until,
    }: {
      readonly identifier: string;
      readonly until: number;
    }): Promise<OrderState> {
      const news = orderNews.listen(identifier);
      try {
        for (;;) {
          const state = (await pollOnce(deps, identifier)) ?? (await readOrderState(db, identifier));
          if (state.final || marketTime(clock) >= until) return state;
          await news.next(pollPauseMs(intervalMs));
        }
      } finally {
        news.close();
      }
    },

    /** Asks the exchange to cancel what rests. Only an acceptance: `pollOrderFills` sees how it ended. */
    async cancelOrder({ identifier }: { readonly identifier: string }): Promise<void> {
      await exchange.cancelOrder({ identifier });
    },

    /** Takes the market's unfinished order, if there is one, a step towards its end. */
    async resolveUnfinished({ account, market }: Pick<TradedMarket, 'account' | 'market'>): Promise<OrderState | null> {
      const order = await findUnfinishedOrder(db, account, market);
      return order === undefined ? null : resolveOrder(deps, order);
    },

    /** See `trading/settle-orders.ts`. */
    async settleOrders({ account }: { readonly account: string }): Promise<readonly SettledOrder[]> {
      return settleOrders(deps, account);
    },

    /** See `trading/compare-account.ts`. */
    async compareAccount(asked: { readonly account: string; readonly force: boolean }): Promise<AccountCompared> {
      return compareAccount(deps, asked);
    },

    /** Writes a `stale` decision for every candle nobody decided on in time. Returns how many. */
    async recordStale({
      account,
      timeframe,
    }: {
      readonly account: string;
      readonly timeframe: Timeframe;
    }): Promise<number> {
      const length = timeframeMs(timeframe);
      const now = marketTime(clock);
      // A candle a run may still decide on is not stale yet; half a candle more for one that is just deciding.
      let until = candleOpen(now, length);
      while (decideUntil(until - length, length) + length / 2 > now) until -= length;
      let written = 0;
      for (const { market, tradingSince } of await readMarketAccounts(db, account)) {
        if (tradingSince === undefined || tradingSince >= until) continue;
        const range = { from: tradingSince, until };
        written += (await writeStaleDecisions(db, account, market as TradedMarket['market'], timeframe, range)).length;
      }
      return written;
    },
  };
}

export type TradingActivities = ReturnType<typeof createTradingActivities>;
