import type { Selectable, Transaction } from 'kysely';
import type { Market } from '../config/market.ts';
import type { DecimalText } from '../strategy/candle.ts';
import { decimalText, Exact } from '../strategy/exact-decimal.ts';
import type { Reserved } from '../strategy/order-money.ts';
import { averageCost, type Holdings } from '../strategy/position.ts';
import type { Db } from './connect.ts';
import { NotInLedger } from './ledger-errors.ts';
import type { Database, MarketAccountsTable } from './schema.ts';

/** One market's sub-account. KRW and coins as decimal text. */
export interface MarketAccount {
  readonly account: string;
  readonly market: string;
  /** All it owns, reserved or not. */
  readonly holdings: Holdings;
  /** Kept for orders that are not finished. */
  readonly reserved: Reserved;
  /** What a new order may use: owned less reserved. */
  readonly free: Reserved;
  /** Per coin, fees included; `0` without coins. */
  readonly averageCost: DecimalText;
  /** Open of the first candle it traded on, UTC epoch milliseconds of market time; undefined before that. */
  readonly tradingSince: number | undefined;
}

/**
 * Locks the sub-account until the transaction ends; whoever books into it or reserves from it holds this lock, so that
 * two who decide at once follow each other.
 *
 * @throws {NotInLedger} when the market has no sub-account
 */
export async function lockMarketAccount(
  trx: Transaction<Database>,
  account: string,
  market: string,
): Promise<MarketAccount> {
  const row = await trx
    .selectFrom('market_accounts')
    .selectAll()
    .where('account', '=', account)
    .where('market', '=', market)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new NotInLedger(`account ${account} has no sub-account for ${market}`);
  return toMarketAccount(row);
}

/** Every sub-account, by market, unlocked: what they say may be old when it arrives. */
export async function readMarketAccounts(db: Db, account: string): Promise<readonly MarketAccount[]> {
  const rows = await db
    .selectFrom('market_accounts')
    .selectAll()
    .where('account', '=', account)
    .orderBy('market')
    .execute();
  return rows.map(toMarketAccount);
}

/** Writes what a locked sub-account now owns and keeps. For the ledger's own files: nothing else may move money. */
export async function writeMarketAccount(
  trx: Transaction<Database>,
  { account, market }: { readonly account: string; readonly market: string },
  holdings: Holdings,
  reserved: Reserved,
): Promise<void> {
  await trx
    .updateTable('market_accounts')
    .set({
      cash: holdings.cash,
      quantity: holdings.quantity,
      cost: holdings.cost,
      realised_profit: holdings.realisedProfit,
      reserved_cash: reserved.cash,
      reserved_quantity: reserved.quantity,
    })
    .where('account', '=', account)
    .where('market', '=', market)
    .execute();
}

/**
 * Marks the first candle a market trades on; later calls change nothing.
 *
 * @param candle its open, UTC epoch milliseconds of market time
 * @returns the first start, whichever call it was
 * @throws {NotInLedger} when the market has no sub-account
 */
export async function startTrading(db: Db, account: string, market: Market, candle: number): Promise<number> {
  await db
    .updateTable('market_accounts')
    .set({ trading_since: new Date(candle) })
    .where('account', '=', account)
    .where('market', '=', market)
    .where('trading_since', 'is', null)
    .execute();
  const row = await db
    .selectFrom('market_accounts')
    .select('trading_since')
    .where('account', '=', account)
    .where('market', '=', market)
    .executeTakeFirst();
  if (!row?.trading_since) throw new NotInLedger(`account ${account} has no sub-account for ${market}`);
  return row.trading_since.getTime();
}

function toMarketAccount(row: Selectable<MarketAccountsTable>): MarketAccount {
  const plain = (value: DecimalText) => decimalText(new Exact(value));
  const holdings: Holdings = {
    cash: plain(row.cash),
    quantity: plain(row.quantity),
    cost: plain(row.cost),
    realisedProfit: plain(row.realised_profit),
  };
  return {
    account: row.account,
    market: row.market,
    holdings,
    reserved: { cash: plain(row.reserved_cash), quantity: plain(row.reserved_quantity) },
    free: {
      cash: decimalText(new Exact(row.cash).minus(row.reserved_cash)),
      quantity: decimalText(new Exact(row.quantity).minus(row.reserved_quantity)),
    },
    averageCost: averageCost(holdings),
    tradingSince: row.trading_since?.getTime(),
  };
}

/** Accounts that have sub-accounts, by name. */
export async function readTradedAccounts(db: Db): Promise<readonly string[]> {
  const rows = await db.selectFrom('market_accounts').select('account').distinct().orderBy('account').execute();
  return rows.map((row) => row.account);
}
