import { sql } from 'kysely';
import type { Db } from '../../db/connect.ts';

export interface LedgerOrder {
  readonly id: string;
  readonly identifier: string;
  readonly exchange_order_id: string | null;
  readonly market: string;
  readonly leg: string;
  readonly side: string;
  readonly price: string;
  readonly quantity: string;
  readonly executed_quantity: string;
  readonly paid_fee: string;
  /** Fraction. */
  readonly fee_rate: string;
  readonly status: string;
  /** Until when it was to be sent and to rest, market time. */
  readonly deadline: Date;
  /** When it was last about to be sent, else when it was decided; wall time. */
  readonly started: Date;
  /** Open of the candle its decision is about; null for an order without one. */
  readonly candle: Date | null;
}

export interface LedgerTrade {
  readonly order_id: string;
  readonly exchange_trade_id: string;
  readonly price: string;
  readonly quantity: string;
  readonly funds: string;
  readonly fee: string;
}

/** Money that moved otherwise than by a fill. */
export interface LedgerMove {
  readonly market: string;
  /** The order it belongs to; null for a cash flow. */
  readonly order_id: string | null;
  readonly kind: string;
  readonly cash: string;
  readonly quantity: string;
}

export interface LedgerHoldings {
  readonly market: string;
  readonly cash: string;
  readonly quantity: string;
}

/** Everything the database says about an account's orders and money at one instant. */
export interface LedgerRecords {
  readonly botId: string | undefined;
  /** Open of the first candle decided on. */
  readonly firstCandle: Date | null;
  readonly orders: readonly LedgerOrder[];
  readonly trades: readonly LedgerTrade[];
  readonly moves: readonly LedgerMove[];
  readonly holdings: readonly LedgerHoldings[];
}

/** Reads it by plain SQL, all as of one instant. */
export function readLedgerRecords(db: Db, account: string): Promise<LedgerRecords> {
  const transaction = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
  return transaction.execute(async (trx) => {
    const bot = await sql<{ value: string }>`SELECT value FROM settings WHERE key = 'bot_id'`.execute(trx);
    const first = await sql<{ candle: Date | null }>`
      SELECT min(candle) AS candle FROM decisions WHERE account = ${account}`.execute(trx);
    const orders = await sql<LedgerOrder>`
      SELECT o.id, o.identifier, o.exchange_order_id, o.market, o.leg, o.side, o.price, o.quantity,
             o.executed_quantity, o.paid_fee, o.fee_rate, o.status, o.deadline,
             coalesce(o.sending_at, o.created_at) AS started, d.candle
      FROM orders o LEFT JOIN decisions d ON d.id = o.decision
      WHERE o.account = ${account} ORDER BY o.id`.execute(trx);
    const trades = await sql<LedgerTrade>`
      SELECT order_id, exchange_trade_id, price, quantity, funds, fee
      FROM trades WHERE account = ${account} ORDER BY id`.execute(trx);
    const moves = await sql<LedgerMove>`
      SELECT market, NULL AS order_id, kind, cash, quantity, id FROM cash_flows WHERE account = ${account}
      UNION ALL
      SELECT market, order_id, kind, cash, quantity, id FROM ledger_adjustments WHERE account = ${account}
      ORDER BY id`.execute(trx);
    const holdings = await sql<LedgerHoldings>`
      SELECT market, cash, quantity FROM market_accounts WHERE account = ${account} ORDER BY market`.execute(trx);
    return {
      botId: bot.rows[0]?.value,
      firstCandle: first.rows[0]?.candle ?? null,
      orders: orders.rows,
      trades: trades.rows,
      moves: moves.rows,
      holdings: holdings.rows,
    };
  });
}

/** Trades by the order they belong to. */
export function tradesByOrder(trades: readonly LedgerTrade[]): ReadonlyMap<string, readonly LedgerTrade[]> {
  return Map.groupBy(trades, ({ order_id }) => order_id);
}

/** Rows the database's constraints, or the code that decides, make impossible; looked for all the same. */
export async function readDecisionFaults(db: Db, account: string): Promise<readonly string[]> {
  const repeated = await sql<{ what: string; count: number }>`
    SELECT market || ' ' || timeframe || ' ' || candle::text || ' ' || trigger AS what, count(*)::int AS count
    FROM decisions WHERE account = ${account}
    GROUP BY market, timeframe, candle, trigger HAVING count(*) > 1`.execute(db);
  const ordered = await sql<{ what: string }>`
    SELECT string_agg(identifier, ', ') AS what FROM orders
    WHERE account = ${account} AND decision IS NOT NULL GROUP BY decision HAVING count(*) > 1`.execute(db);
  const strayed = await sql<{ what: string }>`
    SELECT o.identifier AS what FROM orders o JOIN decisions d ON d.id = o.decision
    WHERE o.account = ${account} AND (d.account, d.market) <> (o.account, o.market)`.execute(db);
  const unwanted = await sql<{ what: string; side: string; action: string }>`
    SELECT o.identifier AS what, o.side, d.action FROM orders o JOIN decisions d ON d.id = o.decision
    WHERE o.account = ${account} AND d.action <> CASE o.side WHEN 'bid' THEN 'buy' ELSE 'sell' END`.execute(db);
  return [
    ...repeated.rows.map(({ what, count }) => `${count} decisions for ${what}`),
    ...ordered.rows.map(({ what }) => `one decision has several orders: ${what}`),
    ...strayed.rows.map(({ what }) => `order ${what} belongs to a decision about another market or account`),
    ...unwanted.rows.map(({ what, side, action }) => `order ${what} is a ${side}, its decision says ${action}`),
  ];
}
