import type { PositionRow } from '../../db/positions.ts';
import { Exact } from '../../strategy/exact-decimal.ts';
import { type Page, renderTable, wrapped } from '../output.ts';
import type { StatusFacts, TotalFacts } from './facts.ts';
import { coins, price, signedShare, signedWon, won } from './figures.ts';

/** Null without a sub-account. */
export function totalOf(positions: readonly PositionRow[]): TotalFacts | null {
  if (positions.length === 0) return null;
  const sum = (column: keyof PositionRow): string | null => {
    const values = positions.map((row) => row[column] as string | null);
    if (values.includes(null)) return null;
    return values.reduce((total, value) => total.plus(value ?? 0), new Exact(0)).toFixed();
  };
  const [equity, putIn] = [sum('equity'), sum('put_in') ?? '0'];
  const profit = equity === null ? null : new Exact(equity).minus(putIn);
  const compared = profit === null || new Exact(putIn).lte(0) ? null : profit.div(putIn);
  return {
    free_cash: sum('free_cash') ?? '0',
    reserved_cash: sum('reserved_cash') ?? '0',
    value: sum('value'),
    equity,
    unrealised_profit: sum('unrealised_profit'),
    realised_profit: sum('realised_profit') ?? '0',
    put_in: putIn,
    profit: profit?.toFixed() ?? null,
    total_return: compared?.toFixed(6) ?? null,
  };
}

/** What each market holds, what all is worth and what it began with. */
export function holdingsText({ positions, total, instance }: StatusFacts, page: Page): string {
  if (total === null) {
    return instance?.mode === 'collecting' ? 'HOLDINGS none: nothing is traded' : 'HOLDINGS nothing traded yet';
  }
  const rows = [...positions, ...(positions.length > 1 ? [{ market: 'total', ...total }] : [])].map((row) => ({
    market: row.market,
    free: won(row.free_cash),
    reserved: won(row.reserved_cash),
    coins: 'quantity' in row ? coins(row.quantity) : '',
    cost: 'average_cost' in row ? price(row.average_cost) : '',
    price: 'price' in row ? price(row.price) : '',
    value: won(row.value),
    unrealised: signedWon(row.unrealised_profit),
    realised: signedWon(row.realised_profit),
  }));
  const table = renderTable(
    rows,
    [
      ['market', 'HOLDINGS'],
      ['free', 'FREE KRW'],
      ['reserved', 'RESERVED'],
      ['coins', 'COINS'],
      ['cost', 'AVG COST'],
      ['price', 'PRICE'],
      ['value', 'VALUE'],
      ['unrealised', 'UNREALISED'],
      ['realised', 'REALISED'],
    ],
    page.columns,
  );
  return `${table}\n${wrapped(worthText(total), page.columns, '  ')}`;
}

function worthText({ equity, put_in: putIn, profit, total_return: fraction }: TotalFacts): string {
  const change = fraction === null ? '' : ` (${signedShare(fraction)})`;
  return `worth ${won(equity)} KRW, started with ${won(putIn)} KRW: ${signedWon(profit)} KRW${change}`;
}
