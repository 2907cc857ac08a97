import type { Selectable } from 'kysely';
import type { DecimalText } from '../strategy/candle.ts';
import { decimalText, Exact } from '../strategy/exact-decimal.ts';
import type { Db } from './connect.ts';
import type { EquityCurveTable } from './schema.ts';

export type EquityPoint = Selectable<EquityCurveTable>;

/**
 * Records what a market's sub-account is worth: cash + quantity × price, exactly. A point that is there stays as it is.
 *
 * @param point `at`: UTC epoch milliseconds of market time; `cash` KRW, `quantity` coins, `price` KRW per coin
 */
export async function insertEquityPoint(
  db: Db,
  point: {
    readonly account: string;
    readonly market: string;
    readonly at: number;
    readonly cash: DecimalText;
    readonly quantity: DecimalText;
    readonly price: DecimalText;
  },
): Promise<void> {
  const equity = decimalText(new Exact(point.quantity).times(point.price).plus(point.cash));
  await db
    .insertInto('equity_curve')
    .values({ ...point, at: new Date(point.at), equity })
    .onConflict((conflict) => conflict.columns(['account', 'market', 'at']).doNothing())
    .execute();
}

/** Newest first. */
export async function readEquityCurve(
  db: Db,
  query: { readonly account: string; readonly market: string; readonly limit: number },
): Promise<readonly EquityPoint[]> {
  return db
    .selectFrom('equity_curve')
    .selectAll()
    .where('account', '=', query.account)
    .where('market', '=', query.market)
    .orderBy('at', 'desc')
    .limit(query.limit)
    .execute();
}
