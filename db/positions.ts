import { sql } from 'kysely';
import type { Db } from './connect.ts';

/** A market's sub-account valued at its newest stored close; names as the command line's JSON has them. */
export interface PositionRow extends Record<string, unknown> {
  readonly market: string;
  /** KRW, reserved or not. */
  readonly cash: string;
  readonly reserved_cash: string;
  readonly free_cash: string;
  /** Coins, reserved or not. */
  readonly quantity: string;
  readonly reserved_quantity: string;
  readonly free_quantity: string;
  /** Fee-inclusive, KRW per coin, rounded to 8 decimals for reading; null without coins. */
  readonly average_cost: string | null;
  /** Newest stored close, KRW; null before the first candle. */
  readonly price: string | null;
  /** The coins at that price, KRW; null when there are coins and no price. */
  readonly value: string | null;
  /** Cash and coins at that price, KRW; null when there are coins and no price. */
  readonly equity: string | null;
  /** What the coins are worth beyond what they cost, fees included, KRW; null when there are coins and no price. */
  readonly unrealised_profit: string | null;
  readonly realised_profit: string;
  /** KRW and coins at their cost, put in less taken out: cash + cost − realised profit, which no trade changes. */
  readonly put_in: string;
}

/** Every sub-account of an account, by market. */
export async function readPositions(db: Db, account: string): Promise<readonly PositionRow[]> {
  const { rows } = await sql<PositionRow>`
    SELECT a.market, trim_scale(a.cash)::text AS cash, trim_scale(a.reserved_cash)::text AS reserved_cash,
           trim_scale(a.cash - a.reserved_cash)::text AS free_cash,
           trim_scale(a.quantity)::text AS quantity, trim_scale(a.reserved_quantity)::text AS reserved_quantity,
           trim_scale(a.quantity - a.reserved_quantity)::text AS free_quantity,
           CASE WHEN a.quantity > 0 THEN trim_scale(round(a.cost / a.quantity, 8))::text END AS average_cost,
           trim_scale(c.close)::text AS price,
           trim_scale(worth.value)::text AS value,
           trim_scale(a.cash + worth.value)::text AS equity,
           trim_scale(worth.value - a.cost)::text AS unrealised_profit,
           trim_scale(a.realised_profit)::text AS realised_profit,
           trim_scale(a.cash + a.cost - a.realised_profit)::text AS put_in
    FROM market_accounts a
    LEFT JOIN LATERAL (SELECT close FROM candles WHERE market = a.market AND timeframe = '1m'
                       ORDER BY ts DESC LIMIT 1) c ON true
    CROSS JOIN LATERAL (SELECT CASE WHEN a.quantity = 0 THEN 0 ELSE a.quantity * c.close END AS value) worth
    WHERE a.account = ${account} ORDER BY a.market`.execute(db);
  return rows;
}
