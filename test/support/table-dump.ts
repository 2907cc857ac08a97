import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/connect.ts';

/**
 * What a bot's tables say of a market and its money, row for row: all but the database's own numbers, wall times, and
 * whoever wrote it.
 */
export async function dumpTables(db: Db): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const dumped: Record<string, readonly unknown[]> = {};
  for (const [table, query] of Object.entries(QUERIES)) dumped[table] = (await query.execute(db)).rows;
  return dumped;
}

const QUERIES: Readonly<Record<string, RawBuilder<unknown>>> = {
  candles: sql`SELECT * FROM candles ORDER BY market, ts`,
  candle_revisions: sql`
    SELECT market, ts, kind, open, high, low, close, volume, quote_volume FROM candle_revisions ORDER BY market, ts, id`,
  candle_coverage: sql`SELECT market, timeframe, covered::text FROM candle_coverage ORDER BY market`,
  decisions: sql`
    SELECT account, market, timeframe, candle, trigger, signals, weights, threshold, score, action, reason, input_hash
    FROM decisions ORDER BY market, candle, trigger`,
  orders: sql`
    SELECT account, identifier, exchange_order_id, market, leg, side, price, quantity, executed_quantity, fee_rate, paid_fee,
           reserved_cash, reserved_quantity, status, status_reason, request, deadline
    FROM orders ORDER BY identifier`,
  trades: sql`
    SELECT o.identifier, t.account, exchange_trade_id, executed_at, t.price, t.quantity, t.funds, t.fee
    FROM trades t JOIN orders o ON o.id = t.order_id ORDER BY t.id`,
  market_accounts: sql`SELECT * FROM market_accounts ORDER BY market`,
  ledger_adjustments: sql`
    SELECT market, kind, cash, quantity, cost, realised_profit, cause FROM ledger_adjustments ORDER BY id`,
  equity_curve: sql`SELECT * FROM equity_curve ORDER BY market, at`,
};
