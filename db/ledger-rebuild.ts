import { sql, type Transaction } from 'kysely';
import type { DecimalText } from '../strategy/candle.ts';
import { decimalText, Exact } from '../strategy/exact-decimal.ts';
import type { OrderSide } from '../strategy/order-money.ts';
import { addToHoldings, applyBuyFill, applySellFill, EMPTY_HOLDINGS, type Holdings } from '../strategy/position.ts';
import type { Db } from './connect.ts';
import { type MarketAccount, readMarketAccounts } from './market-accounts.ts';
import type { Database } from './schema.ts';

/** Everything a sub-account says, by name. */
export interface LedgerFigures extends Holdings {
  readonly reservedCash: DecimalText;
  readonly reservedQuantity: DecimalText;
}

/** A figure of a sub-account that its entries do not explain. */
export interface LedgerDifference {
  readonly market: string;
  readonly figure: keyof LedgerFigures;
  readonly recorded: DecimalText;
  readonly rebuilt: DecimalText;
}

const FIGURES: readonly (keyof LedgerFigures)[] = [
  'cash',
  'quantity',
  'cost',
  'realisedProfit',
  'reservedCash',
  'reservedQuantity',
];

/** One sub-account held against what its entries make of it. */
export interface MarketProof {
  readonly market: string;
  readonly recorded: LedgerFigures;
  readonly rebuilt: LedgerFigures;
  /** Empty when it is proven. */
  readonly differences: readonly LedgerDifference[];
}

/**
 * Books every cash flow, fill and adjustment of the account again, from nothing and in the order they were booked, and
 * adds up what its orders have reserved. Reads one snapshot, so that it may run beside trading.
 *
 * @returns every sub-account, by market
 */
export async function proveLedger(db: Db, account: string): Promise<readonly MarketProof[]> {
  if (db.isTransaction) throw new Error('proveLedger reads a snapshot of its own and cannot join a transaction');
  const { entries, reserved, accounts } = await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => ({
      entries: await readEntries(trx, account),
      reserved: await sumReservations(trx, account),
      accounts: await readMarketAccounts(trx, account),
    }));
  // When the transaction is over: booking half a million entries takes longer than one may stand still (`connect.ts`).
  const rebuilt = bookAll(entries);
  return accounts.map((found) => prove(found, rebuilt.get(found.market), reserved.get(found.market)));
}

/** Where the sub-accounts say something else than {@link proveLedger} makes of their entries; empty when they do not. */
export async function rebuildLedger(db: Db, account: string): Promise<readonly LedgerDifference[]> {
  return (await proveLedger(db, account)).flatMap(({ differences }) => differences);
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

async function readEntries(trx: Transaction<Database>, account: string): Promise<readonly Entry[]> {
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
  return rows;
}

/** By market. */
function bookAll(entries: readonly Entry[]): Map<string, Holdings> {
  const holdings = new Map<string, Holdings>();
  for (const entry of entries) {
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

function prove(
  { market, holdings, reserved }: MarketAccount,
  booked: Holdings = EMPTY_HOLDINGS,
  sums: ReservedSums = { cash: '0', quantity: '0' },
): MarketProof {
  const recorded: LedgerFigures = { ...holdings, reservedCash: reserved.cash, reservedQuantity: reserved.quantity };
  const rebuilt: LedgerFigures = {
    ...booked,
    reservedCash: decimalText(new Exact(sums.cash)),
    reservedQuantity: decimalText(new Exact(sums.quantity)),
  };
  const differences = FIGURES.filter((figure) => !new Exact(recorded[figure]).eq(rebuilt[figure])).map((figure) => ({
    market,
    figure,
    recorded: recorded[figure],
    rebuilt: rebuilt[figure],
  }));
  return { market, recorded, rebuilt, differences };
}
