import type { Market } from '../../config/market.ts';
import { UserError } from '../../config/user-error.ts';
import type { Db } from '../../db/connect.ts';
import { type MarketAccount, readMarketAccounts } from '../../db/market-accounts.ts';
import { grouped, renderTable } from '../output.ts';

/** A sub-account as JSON shows it: the names of its table's columns, sums as text. */
export interface SubAccountRow extends Record<string, unknown> {
  readonly account: string;
  readonly market: string;
  readonly cash: string;
  readonly reserved_cash: string;
  readonly quantity: string;
  readonly reserved_quantity: string;
  readonly cost: string;
  /** Per coin, fees included, rounded to 8 decimals for reading; null without coins. */
  readonly average_cost: string | null;
  readonly realised_profit: string;
}

export function subAccountRow({ account, market, holdings, reserved, averageCost }: MarketAccount): SubAccountRow {
  return {
    account,
    market,
    cash: holdings.cash,
    reserved_cash: reserved.cash,
    quantity: holdings.quantity,
    reserved_quantity: reserved.quantity,
    cost: holdings.cost,
    average_cost: holdings.quantity === '0' ? null : averageCost,
    realised_profit: holdings.realisedProfit,
  };
}

/** Sub-accounts as a table for people. */
export function subAccountTable(rows: readonly SubAccountRow[]): string {
  const shown = rows.map((row) => ({
    ...row,
    cash: grouped(row.cash),
    reserved_cash: grouped(row.reserved_cash),
    cost: grouped(row.cost),
    average_cost: row.average_cost === null ? '' : grouped(row.average_cost),
    realised_profit: grouped(row.realised_profit),
  }));
  return renderTable(shown, [
    ['market', 'MARKET'],
    ['cash', 'CASH KRW'],
    ['reserved_cash', 'RESERVED KRW'],
    ['quantity', 'COINS'],
    ['reserved_quantity', 'RESERVED COINS'],
    ['cost', 'COST KRW'],
    ['average_cost', 'AVERAGE COST'],
    ['realised_profit', 'REALISED KRW'],
  ]);
}

/**
 * The market's sub-account as it is now.
 *
 * @param option the option that named the market, for the message
 * @throws {UserError} when there is none, naming those there are
 */
export async function requireSubAccount(
  db: Db,
  account: string,
  market: Market,
  option: '--market' | '--from',
): Promise<MarketAccount> {
  const all = await readMarketAccounts(db, account);
  const found = all.find((one) => one.market === market);
  if (found !== undefined) return found;
  throw new UserError(
    `${option} ${market} has no sub-account; there are ${all.map((one) => one.market).join(', ')}. A market gets its own ` +
      'when the bot starts with it: npx durabit up --markets',
    2,
  );
}
