import { sql } from 'kysely';
import type { DecimalText } from '../strategy/candle.ts';
import { IN_FLIGHT_STATUSES } from '../strategy/order-states.ts';
import type { Db } from './connect.ts';

/** What one market's sub-account owns, reserved or not, and what of it came otherwise than by trading. */
export interface MarketTotals {
  readonly market: string;
  /** KRW. */
  readonly cash: DecimalText;
  /** Coins. */
  readonly quantity: DecimalText;
  /** Cash flows and covers, KRW, signed. */
  readonly givenCash: DecimalText;
  /** Cash flows and covers, coins, signed. */
  readonly givenQuantity: DecimalText;
}

/** The ledger of an account at one instant. */
export interface LedgerTotals {
  /** By market. */
  readonly markets: readonly MarketTotals[];
  /** Identifiers of orders on their way: what the exchange has done for them may not be booked. */
  readonly inFlight: readonly string[];
  /** Orders that may have been sent and were not found. */
  readonly unknown: readonly { readonly identifier: string; readonly market: string }[];
}

/** One statement, and so one instant. */
export async function readLedgerTotals(db: Db, account: string): Promise<LedgerTotals> {
  const { rows } = await sql<{
    markets: readonly MarketTotals[] | null;
    in_flight: readonly string[] | null;
    unknown: LedgerTotals['unknown'] | null;
  }>`
    WITH given AS (
      SELECT market, sum(cash) AS cash, sum(quantity) AS quantity FROM (
        SELECT market, cash, quantity FROM cash_flows WHERE account = ${account}
        UNION ALL
        SELECT market, cash, quantity FROM ledger_adjustments WHERE account = ${account} AND kind = 'cover'
      ) flows GROUP BY market
    )
    SELECT
      (SELECT json_agg(json_build_object(
         'market', a.market, 'cash', a.cash::text, 'quantity', a.quantity::text,
         'givenCash', coalesce(g.cash, 0)::text, 'givenQuantity', coalesce(g.quantity, 0)::text) ORDER BY a.market)
       FROM market_accounts a LEFT JOIN given g USING (market) WHERE a.account = ${account}) AS markets,
      (SELECT json_agg(identifier ORDER BY id) FROM orders
       WHERE account = ${account} AND status IN (${sql.join(IN_FLIGHT_STATUSES)})) AS in_flight,
      (SELECT json_agg(json_build_object('identifier', identifier, 'market', market) ORDER BY id) FROM orders
       WHERE account = ${account} AND status = 'unknown') AS unknown`.execute(db);
  return {
    markets: rows[0]?.markets ?? [],
    inFlight: rows[0]?.in_flight ?? [],
    unknown: rows[0]?.unknown ?? [],
  };
}
