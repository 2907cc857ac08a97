import { sql, type Transaction } from 'kysely';
import type { DecimalText } from '../strategy/candle.ts';
import { decimalText, Exact } from '../strategy/exact-decimal.ts';
import type { OrderSide } from '../strategy/order-money.ts';
import { addToHoldings, applyBuyFill, applySellFill, EMPTY_HOLDINGS, type Holdings } from '../strategy/position.ts';
import type { Db } from './connect.ts';
import { type MarketAccount, readMarketAccounts } from './market-accounts.ts';
import type { Database } from './schema.ts';

/** A figure of a sub-account that its entries do not explain. */
export interface LedgerDifference {
  readonly market: string;
  readonly figure: keyof Holdings | 'reservedCash' | 'reservedQuantity';
  readonly recorded: DecimalText;
  readonly rebuilt: DecimalText;
}

/**
 * Books every cash flow, fill and adjustment of the account again, from nothing and in the order they were booked, and
 * adds up what its orders have reserved. Reads one snapshot, so that it may run beside trading.
 *
 * @returns where the sub-accounts say something else; empty when the ledger is proven
 */
export async function rebuildLedger(db: Db, account: string): Promise<readonly LedgerDifference[]> {
  if (db.isTransaction) throw new Error('rebuildLedger reads a snapshot of its own and cannot join a transaction');
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const rebuilt = await rebuildHoldings(trx, account);
      const reserved = await sumReservations(trx, account);
      const accounts = await readMarketAccounts(trx, account);
      return accounts.flatMap((found) =>
        differences(found, rebuilt.get(found.market) ?? EMPTY_HOLDINGS, reserved.get(found.market)),
      );
    });
}

/** A cash flow or an adjustment has a `side` of null, and its own signed figures. */
interface Entry {
  readonly market: string;
  readonly side: OrderSide | null;
  readonly cash: DecimalText;
  readonly quantity: DecimalText;
  readonly cost: DecimalText;
  readonly realised_profit: DecimalText;
  readonly funds: DecimalText;
  readonly fee: DecimalText;
}

async function rebuildHoldings(trx: Transaction<Database>, account: string): Promise<Map<string, Holdings>> {
  const { rows } = await sql<Entry>`
    SELECT id, market, NULL AS side, cash, quantity, cost, 0::numeric AS realised_profit, 0::numeric AS funds,
           0::numeric AS fee
    FROM cash_flows WHERE account = ${account}
    UNION ALL
    SELECT id, market, NULL, cash, quantity, cost, realised_profit, 0, 0
    FROM ledger_adjustments WHERE account = ${account}
    UNION ALL
    SELECT t.id, o.market, o.side, 0, t.quantity, 0, 0, t.funds, t.fee
    FROM trades t JOIN orders o ON o.id = t.order_id WHERE o.account = ${account}
    ORDER BY id`.execute(trx);
  const holdings = new Map<string, Holdings>();
  for (const entry of rows) {
    holdings.set(entry.market, book(holdings.get(entry.market) ?? EMPTY_HOLDINGS, entry));
  }
  return holdings;
}

function book(held: Holdings, entry: Entry): Holdings {
  if (entry.side === 'bid') return applyBuyFill(held, entry);
  if (entry.side === 'ask') return applySellFill(held, entry);
  return addToHoldings(held, { ...entry, realisedProfit: entry.realised_profit });
}

interface ReservedSums {
  readonly cash: DecimalText;
  readonly quantity: DecimalText;
}

async function sumReservations(trx: Transaction<Database>, account: string): Promise<Map<string, ReservedSums>> {
  const rows = await trx
    .selectFrom('orders')
    .select(['market', sql<string>`sum(reserved_cash)`.as('cash'), sql<string>`sum(reserved_quantity)`.as('quantity')])
    .where('account', '=', account)
    .groupBy('market')
    .execute();
  return new Map(rows.map((row) => [row.market, row]));
}

function differences(
  { market, holdings, reserved }: MarketAccount,
  rebuilt: Holdings,
  sums: ReservedSums = { cash: '0', quantity: '0' },
): readonly LedgerDifference[] {
  const figures: readonly [LedgerDifference['figure'], DecimalText, DecimalText][] = [
    ['cash', holdings.cash, rebuilt.cash],
    ['quantity', holdings.quantity, rebuilt.quantity],
    ['cost', holdings.cost, rebuilt.cost],
    ['realisedProfit', holdings.realisedProfit, rebuilt.realisedProfit],
    ['reservedCash', reserved.cash, sums.cash],
    ['reservedQuantity', reserved.quantity, sums.quantity],
  ];
  return figures
    .filter(([, recorded, again]) => !new Exact(recorded).eq(again))
    .map(([figure, recorded, again]) => ({ market, figure, recorded, rebuilt: decimalText(new Exact(again)) }));
}
