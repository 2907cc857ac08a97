import { Decimal } from 'decimal.js';
import type { Market } from '../../config/market.ts';
import type { OrderTerms, TradingExchange } from '../../exchange/port.ts';
import type { DecimalText } from '../../strategy/candle.ts';
import { DEFAULT_SIZING } from '../../strategy/sizing.ts';

/** Fees of a market, as fractions of the funds. */
export interface MarketFees {
  /** What the exchange takes of a purchase and of a sale: the rate an order is booked with. */
  readonly bid: DecimalText;
  readonly ask: DecimalText;
  /** What a purchase leaves room for; never less than `bid`. */
  readonly sizing: DecimalText;
}

export interface FeeRates {
  /** As last heard; never waits. A market asked for the first time is asked about at the exchange from then on. */
  of(market: Market): MarketFees;
}

export interface WatchedFeeRates extends FeeRates {
  /** Asks the exchange about these markets now, and again every ten minutes. Never fails: see `createFeeRates`. */
  watch(markets: readonly Market[]): Promise<void>;
  close(): void;
}

/** Promotions and tiers change rarely; Upbit allows thirty such questions a second. Wall time. */
const REFRESH_MS = 600_000;

/**
 * Fee rates as the exchange tells them, kept in memory so that no decision waits for them. Upbit gives no fee with a
 * fill, so each order is booked with the rate that was in force when it was decided.
 *
 * While the exchange cannot be asked, what it said last holds; before it has said anything, `setting`, else Upbit's
 * 0.05 %. That, and a setting too low to be used, is said once.
 *
 * @param setting the owner's rate for sizing purchases; a lower one than the exchange takes is not used, because the
 *   exchange would refuse the order for want of funds
 */
export function createFeeRates(
  exchange: Pick<TradingExchange, 'fetchOrderTerms'>,
  { setting, say }: { readonly setting: DecimalText | undefined; readonly say: (line: string) => void },
): WatchedFeeRates {
  const terms = new Map<Market, OrderTerms>();
  const watched = new Set<Market>();
  /** Markets that something has been said about; a failure is said again after a success. */
  const said = { failing: new Set<Market>(), tooLow: new Set<Market>() };
  const timer = setInterval(() => void askAll([...watched]), REFRESH_MS).unref();

  function sayOnce(about: Set<Market>, market: Market, line: string): void {
    if (about.has(market)) return;
    about.add(market);
    say(line);
  }

  async function ask(market: Market): Promise<void> {
    try {
      const told = await exchange.fetchOrderTerms(market);
      terms.set(market, told);
      said.failing.delete(market);
      if (setting !== undefined && new Decimal(setting).lt(told.bidFeeRate)) {
        sayOnce(
          said.tooLow,
          market,
          `FEE_RATE=${setting} is below the ${told.bidFeeRate} that the exchange takes in ${market}; that is used instead`,
        );
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const { bid, ask: sale } = of(market);
      sayOnce(
        said.failing,
        market,
        `the exchange does not tell the fees of ${market}; until it does ${bid} and ${sale} are used (${why})`,
      );
    }
  }

  async function askAll(markets: readonly Market[]): Promise<void> {
    for (const market of markets) await ask(market);
  }

  function of(market: Market): MarketFees {
    if (!watched.has(market)) {
      watched.add(market);
      void ask(market);
    }
    const told = terms.get(market);
    const assumed = setting ?? DEFAULT_SIZING.feeRate;
    if (told === undefined) return { bid: assumed, ask: assumed, sizing: assumed };
    const { bidFeeRate: bid, askFeeRate } = told;
    return { bid, ask: askFeeRate, sizing: Decimal.max(setting ?? bid, bid).toFixed() };
  }

  return {
    of,
    async watch(markets) {
      for (const market of markets) watched.add(market);
      await askAll(markets);
    },
    close: () => clearInterval(timer),
  };
}
