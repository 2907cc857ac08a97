import { Decimal } from 'decimal.js';
import { sql } from 'kysely';
import type { Db } from '../../db/connect.ts';

const Amount = Decimal.clone({ precision: 200 });

interface Movement {
  readonly market: string;
  readonly what: string;
  readonly cash: string;
  readonly coins: string;
}

/**
 * Goes through everything that ever moved a market's money, in the order it was booked, and names each moment at which
 * a market would have had less than nothing: then it spent what is another's. Plain SQL and sums, nothing of the ledger.
 *
 * @returns one line for each fault; none when every market lived on its own
 */
export async function findOverspending(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<Movement>`
    SELECT market, kind AS what, cash::text, quantity::text AS coins, id FROM cash_flows
    UNION ALL
    SELECT market, kind, cash::text, quantity::text, id FROM ledger_adjustments
    UNION ALL
    SELECT o.market, 'fill of ' || o.identifier,
           (CASE o.side WHEN 'bid' THEN -(t.funds + t.fee) ELSE t.funds - t.fee END)::text,
           (CASE o.side WHEN 'bid' THEN t.quantity ELSE -t.quantity END)::text, t.id
    FROM trades t JOIN orders o ON o.id = t.order_id
    ORDER BY id`.execute(db);
  const faults: string[] = [];
  const held = new Map<string, { cash: Decimal; coins: Decimal }>();
  for (const { market, what, cash, coins } of rows) {
    const before = held.get(market) ?? { cash: new Amount(0), coins: new Amount(0) };
    const after = { cash: before.cash.plus(cash), coins: before.coins.plus(coins) };
    held.set(market, after);
    if (after.cash.lt(0)) faults.push(`${market} has ${after.cash.toFixed()} KRW after ${what}`);
    if (after.coins.lt(0)) faults.push(`${market} has ${after.coins.toFixed()} coins after ${what}`);
  }
  const owned = await sql<{ market: string; cash: string; quantity: string }>`
    SELECT market, cash::text, quantity::text FROM market_accounts`.execute(db);
  for (const { market, cash, quantity } of owned.rows) {
    const sum = held.get(market);
    if (!sum?.cash.eq(cash) || !sum.coins.eq(quantity)) {
      faults.push(
        `${market} owns ${cash} KRW and ${quantity} coins; what moved adds up to ${sum?.cash} and ${sum?.coins}`,
      );
    }
  }
  return faults;
}
